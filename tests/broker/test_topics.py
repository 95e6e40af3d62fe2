"""The catalog: durable, and consistent after a crash between any two writes."""

import base64
from collections.abc import Iterable, Iterator, Mapping

import pytest
import trio

from kbroker.broker.topics import TopicCatalog, new_topic_id
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces.meta import StoredTopic, TopicDeletion
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.meta_store import SqliteMetaStore


class CrashError(Exception):
    """The process dies here."""


class SlowMetaStore(SqliteMetaStore):
    """Suspends in each write, as a store behind a network would."""

    async def create_topic(self, topic: StoredTopic) -> None:
        await trio.lowlevel.checkpoint()
        await super().create_topic(topic)

    async def set_topic_configs(self, topic_id: bytes, configs: Mapping[str, str]) -> None:
        await trio.lowlevel.checkpoint()
        await super().set_topic_configs(topic_id, configs)


class RecordingLogStore:
    """Knows only how to delete; crashes or fails when told to."""

    def __init__(self) -> None:
        self.deleted: list[tuple[str, bytes, int]] = []
        self.error: Exception | None = None

    async def delete_topic(self, topic: str, topic_id: bytes, partitions: int, others: object) -> None:
        if self.error is not None:
            raise self.error
        self.deleted.append((topic, topic_id, partitions))

    async def place(self, topic: str, indexes: Iterable[int]) -> None:
        pass


@pytest.fixture
def meta_store() -> Iterator[SlowMetaStore]:
    database = Database.open(":memory:")
    yield SlowMetaStore(database, "cluster")
    database.close()


@pytest.fixture
def log_store() -> RecordingLogStore:
    return RecordingLogStore()


@pytest.fixture
def config() -> BrokerConfig:
    return BrokerConfig.of({})


@pytest.fixture
def catalog(
    meta_store: SlowMetaStore,
    log_store: RecordingLogStore,
    config: BrokerConfig,
) -> TopicCatalog:
    return TopicCatalog(meta_store, log_store, config)


async def restarted(meta_store: SlowMetaStore, log_store: RecordingLogStore | None = None) -> TopicCatalog:
    """The catalog of a broker that starts on what the store holds."""
    catalog = TopicCatalog(meta_store, log_store or RecordingLogStore(), BrokerConfig.of({}))
    metadata = await meta_store.load()
    await catalog.load(metadata.topics, metadata.deletions)
    return catalog


async def test_a_topic_survives_a_restart_with_its_id_and_configs(
    catalog: TopicCatalog, meta_store: SlowMetaStore
) -> None:
    topic = await catalog.create("t", 3, {"retention.ms": "5"})
    assert catalog.get("t") is catalog.by_id(topic.topic_id) is topic
    found = (await restarted(meta_store)).get("t")
    assert found is not None
    assert (found.topic_id, found.partitions, found.configs) == (topic.topic_id, 3, {"retention.ms": "5"})
    assert found.config.retention_ms == 5


async def test_bad_configs_create_nothing(catalog: TopicCatalog, meta_store: SlowMetaStore) -> None:
    with pytest.raises(KafkaError) as caught:
        await catalog.create("t", 1, {"retention.ms": "x"})
    assert caught.value.code == ErrorCode.INVALID_CONFIG
    assert not catalog.all()
    assert not (await meta_store.load()).topics


async def test_of_two_that_create_one_topic_at_once_one_is_told(catalog: TopicCatalog) -> None:
    outcomes: list[str] = []

    async def create() -> None:
        try:
            await catalog.create("t", 1, {})
            outcomes.append("created")
        except KafkaError as error:
            outcomes.append(error.code.name)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(create)
        nursery.start_soon(create)
    assert sorted(outcomes) == ["TOPIC_ALREADY_EXISTS", "created"]


async def test_a_deleted_topic_is_gone_everywhere_and_everyone_is_told(
    catalog: TopicCatalog, meta_store: SlowMetaStore, log_store: RecordingLogStore
) -> None:
    told: list[TopicDeletion] = []

    async def callback(deletion: TopicDeletion) -> None:
        assert catalog.get(deletion.name) is None
        told.append(deletion)

    catalog.on_delete(callback)
    topic = await catalog.create("t", 2, {})
    await catalog.delete(topic)
    assert told == [TopicDeletion("t", topic.topic_id, 2)]
    assert log_store.deleted == [("t", topic.topic_id, 2)]
    assert (await restarted(meta_store)).get("t") is None
    with pytest.raises(KafkaError) as caught:
        await catalog.delete(topic)
    assert caught.value.code == ErrorCode.UNKNOWN_TOPIC_ID


async def test_a_crash_before_the_logs_are_deleted_does_not_bring_the_topic_back(
    catalog: TopicCatalog, meta_store: SlowMetaStore, log_store: RecordingLogStore
) -> None:
    topic = await catalog.create("t", 1, {})
    log_store.error = CrashError()
    with pytest.raises(CrashError):
        await catalog.delete(topic)
    log_store.error = None
    after = await restarted(meta_store, log_store)
    assert after.get("t") is None
    assert log_store.deleted == [("t", topic.topic_id, 1)], "the start finished it"
    assert (await after.create("t", 1, {})).topic_id != topic.topic_id
    await restarted(meta_store, log_store)
    assert len(log_store.deleted) == 1, "and it is forgotten"


async def test_a_deletion_that_the_disk_refuses_is_finished_before_the_name_is_used_again(
    catalog: TopicCatalog, meta_store: SlowMetaStore, log_store: RecordingLogStore
) -> None:
    """Else what the earlier topic left would lie where the new one's logs belong."""
    told: list[bytes] = []

    async def callback(deletion: TopicDeletion) -> None:
        told.append(deletion.topic_id)

    catalog.on_delete(callback)
    topic = await catalog.create("t", 2, {})
    log_store.error = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    await catalog.delete(topic)
    assert told == [topic.topic_id], "whatever became of its files, the topic is gone"
    assert catalog.get("t") is None
    await catalog.create("u", 1, {})
    with pytest.raises(KafkaError) as caught:
        await catalog.create("t", 1, {})
    assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    log_store.error = None
    await catalog.create("t", 1, {})
    assert log_store.deleted == [("t", topic.topic_id, 2)]
    assert (await meta_store.load()).deletions == []


async def test_a_start_goes_on_though_a_deletion_cannot_be_finished(
    catalog: TopicCatalog, meta_store: SlowMetaStore, log_store: RecordingLogStore
) -> None:
    topic = await catalog.create("t", 1, {})
    await catalog.create("u", 1, {})
    log_store.error = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    await catalog.delete(topic)
    after = await restarted(meta_store, log_store)
    assert [one.name for one in after.all()] == ["u"]
    log_store.error = None
    await after.create("t", 1, {})
    assert log_store.deleted == [("t", topic.topic_id, 1)]


async def test_partitions_are_added_durably_and_never_taken_away(
    catalog: TopicCatalog, meta_store: SlowMetaStore
) -> None:
    topic = await catalog.create("t", 2, {})
    await catalog.add_partitions(topic, 4)
    assert topic.partitions == 4
    for count in (4, 3):
        with pytest.raises(KafkaError) as caught:
            await catalog.add_partitions(topic, count)
        assert caught.value.code == ErrorCode.INVALID_PARTITIONS
    assert [one.partitions for one in (await restarted(meta_store)).all()] == [4]


async def test_changed_configs_are_seen_through_the_shared_object(
    catalog: TopicCatalog, meta_store: SlowMetaStore
) -> None:
    topic = await catalog.create("t", 1, {"retention.ms": "5"})
    shared = topic.config
    await catalog.change_configs(topic, lambda before: {**before, "segment.ms": "6"})
    assert (shared.retention_ms, shared.segment_ms) == (5, 6)
    assert (await meta_store.load()).topics[0].configs == {"retention.ms": "5", "segment.ms": "6"}


async def test_changes_at_the_same_time_do_not_undo_each_other(catalog: TopicCatalog) -> None:
    topic = await catalog.create("t", 1, {})
    async with trio.open_nursery() as nursery:
        for name in ("retention.ms", "segment.ms"):
            nursery.start_soon(catalog.change_configs, topic, lambda before, name=name: {**before, name: "5"})
    assert topic.configs == {"retention.ms": "5", "segment.ms": "5"}


async def test_a_bad_change_changes_nothing(catalog: TopicCatalog, meta_store: SlowMetaStore) -> None:
    topic = await catalog.create("t", 1, {"retention.ms": "5"})
    with pytest.raises(KafkaError):
        await catalog.change_configs(topic, lambda _: {"retention.ms": "x"})
    assert topic.configs == {"retention.ms": "5"}
    assert topic.config.retention_ms == 5
    assert (await meta_store.load()).topics[0].configs == {"retention.ms": "5"}


async def test_topics_follow_the_brokers_defaults_unless_they_have_their_own(
    catalog: TopicCatalog, config: BrokerConfig
) -> None:
    own = await catalog.create("own", 1, {"retention.ms": "5"})
    inheriting = await catalog.create("inheriting", 1, {})
    config.set_dynamic("", {"log.retention.ms": "1000"})
    catalog.refresh_configs()
    assert (own.config.retention_ms, inheriting.config.retention_ms) == (5, 1000)


async def test_a_gone_topic_cannot_be_changed(catalog: TopicCatalog) -> None:
    topic = await catalog.create("t", 1, {})
    await catalog.delete(topic)
    await catalog.create("t", 1, {})
    with pytest.raises(KafkaError) as caught:
        await catalog.add_partitions(topic, 2)
    assert caught.value.code == ErrorCode.UNKNOWN_TOPIC_ID


def test_no_topic_id_looks_like_an_option() -> None:
    ids = {new_topic_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert not any(base64.urlsafe_b64encode(one).startswith(b"-") for one in ids)
    assert all(one[6] >> 4 == 4 for one in ids)
