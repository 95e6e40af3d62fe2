import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces.meta import StoredTopic, TopicDeletion
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.meta_store import SqliteMetaStore

ID_1, ID_2 = bytes([1] * 16), bytes([2] * 16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kbroker.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteMetaStore]:
    database = Database.open(path)
    yield SqliteMetaStore(database, "cluster")
    database.close()


def reopened(path: Path) -> SqliteMetaStore:
    """The store as another process would find it now, while the first never closed its own."""
    return SqliteMetaStore(Database.open(path), "cluster")


async def test_a_topic_is_there_for_whoever_opens_the_file_next(store: SqliteMetaStore, path: Path) -> None:
    topic = StoredTopic("t", ID_1, 3, {"retention.ms": "5", "cleanup.policy": "compact"})
    await store.create_topic(topic)
    other = reopened(path)
    assert (await other.load()).topics == [topic]
    other._database.close()


async def test_topics_come_in_order_of_their_names(store: SqliteMetaStore) -> None:
    await store.create_topic(StoredTopic("b", ID_1, 1, {}))
    await store.create_topic(StoredTopic("a", ID_2, 1, {}))
    assert [topic.name for topic in (await store.load()).topics] == ["a", "b"]


async def test_a_taken_name_or_id_is_refused_and_leaves_nothing_behind(store: SqliteMetaStore) -> None:
    await store.create_topic(StoredTopic("t", ID_1, 1, {}))
    with pytest.raises(KafkaError):
        await store.create_topic(StoredTopic("t", ID_2, 1, {"retention.ms": "5"}))
    with pytest.raises(KafkaError):
        await store.create_topic(StoredTopic("u", ID_1, 1, {"retention.ms": "5"}))
    assert (await store.load()).topics == [StoredTopic("t", ID_1, 1, {})]


async def test_a_deleted_topic_takes_its_configs_along(store: SqliteMetaStore) -> None:
    await store.create_topic(StoredTopic("t", ID_1, 1, {"retention.ms": "5"}))
    await store.delete_topic(ID_1)
    await store.delete_topic(ID_1)
    await store.create_topic(StoredTopic("t", ID_1, 1, {}))
    assert (await store.load()).topics == [StoredTopic("t", ID_1, 1, {})]


async def test_a_deletion_is_remembered_until_it_is_finished(store: SqliteMetaStore, path: Path) -> None:
    """Also when a topic of that name is there again, and with all the partitions there were in the end."""
    await store.create_topic(StoredTopic("t", ID_1, 1, {}))
    await store.set_partitions(ID_1, 3)
    await store.delete_topic(ID_1)
    await store.create_topic(StoredTopic("t", ID_2, 5, {}))
    other = reopened(path)
    assert (await other.load()).deletions == [TopicDeletion("t", ID_1, 3)]
    other._database.close()
    for _ in range(2):
        await store.finish_deletion(ID_1)
        found = await store.load()
        assert (found.deletions, found.topics) == ([], [StoredTopic("t", ID_2, 5, {})])


async def test_deleting_what_is_unknown_leaves_nothing_to_finish(store: SqliteMetaStore) -> None:
    await store.delete_topic(ID_1)
    assert (await store.load()).deletions == []


async def test_partitions_and_configs_change(store: SqliteMetaStore) -> None:
    await store.create_topic(StoredTopic("t", ID_1, 1, {"retention.ms": "5", "segment.ms": "6"}))
    await store.set_partitions(ID_1, 4)
    await store.set_topic_configs(ID_1, {"retention.ms": "7"})
    assert (await store.load()).topics == [StoredTopic("t", ID_1, 4, {"retention.ms": "7"})]


async def test_broker_configs_are_replaced_for_one_resource(store: SqliteMetaStore) -> None:
    await store.set_broker_configs("", {"a": "1", "b": "2"})
    await store.set_broker_configs("1", {"a": "3"})
    await store.set_broker_configs("", {"b": "4"})
    assert (await store.load()).broker_configs == {"": {"b": "4"}, "1": {"a": "3"}}


async def test_features_keep_the_levels_they_were_given(store: SqliteMetaStore, path: Path) -> None:
    assert (await store.load()).features == {}
    await store.set_features({"a.version": 2, "b.version": 1})
    await store.set_features({"a.version": 0})
    other = reopened(path)
    assert (await other.load()).features == {"a.version": 0, "b.version": 1}
    other._database.close()


async def test_configs_of_resources_are_replaced_for_one_of_a_type(
    store: SqliteMetaStore, path: Path
) -> None:
    await store.set_resource_configs(16, "r", {"a": "1", "b": "2"})
    await store.set_resource_configs(32, "r", {"a": "3"})
    await store.set_resource_configs(32, "gone", {"a": "3"})
    await store.set_resource_configs(16, "r", {"b": "4"})
    await store.set_resource_configs(32, "gone", {})
    other = reopened(path)
    assert (await other.load()).resource_configs == {(16, "r"): {"b": "4"}, (32, "r"): {"a": "3"}}
    other._database.close()


async def test_the_cluster_has_the_id_it_is_told(store: SqliteMetaStore) -> None:
    assert (await store.load()).cluster_id == "cluster"


async def test_producer_ids_are_on_the_disk_before_they_are_given(path: Path) -> None:
    """Else a power cut would have the next broker give them again: to the logs a new producer would be an old one."""
    database = Database.open(path)
    statements: list[str] = []
    database.connection.set_trace_callback(statements.append)
    await SqliteMetaStore(database, "c").allocate_producer_ids(10)
    kept = [each for each in statements if each.startswith(("PRAGMA synchronous=", "COMMIT"))]
    assert kept == ["PRAGMA synchronous=FULL", "COMMIT", "PRAGMA synchronous=1"]
    database.close()


async def test_no_producer_id_is_given_twice(store: SqliteMetaStore, path: Path) -> None:
    assert await store.allocate_producer_ids(1000) == 0
    assert await store.allocate_producer_ids(500) == 1000
    other = reopened(path)
    assert await other.allocate_producer_ids(1) == 1500
    other._database.close()


async def test_ten_thousand_topics_load_quickly(store: SqliteMetaStore) -> None:
    """A start must not take more than two seconds with them; reading them is the smaller part of it."""
    ids = [number.to_bytes(16, "big") for number in range(10_000)]
    with store._database.transaction() as connection:
        connection.executemany(
            "INSERT INTO topics (topic_id, name, partitions) VALUES (?, hex(?), 1)",
            [(id_, id_) for id_ in ids],
        )
        connection.execute("INSERT INTO topic_configs SELECT topic_id, 'retention.ms', '5' FROM topics")
    begin = time.process_time()
    loaded = await store.load()
    assert len(loaded.topics) == 10_000
    assert time.process_time() - begin < 1.0


async def test_changes_are_counted_over_restarts(store: SqliteMetaStore, path: Path) -> None:
    assert await store.changes() == 0
    await store.create_topic(StoredTopic("t", ID_1, 1, {}))
    await store.set_broker_configs("", {"num.partitions": "2"})
    assert await store.changes() == 2
    with pytest.raises(KafkaError):
        await store.create_topic(StoredTopic("t", ID_2, 1, {}))
    assert await store.changes() == 2
    await store.delete_topic(ID_1)
    other = reopened(path)
    assert await other.changes() == 3
    other._database.close()
