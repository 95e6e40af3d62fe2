"""kbroker/broker/transactions/coordinator.py: what is stored, what readers see, what time does."""

import logging
from pathlib import Path

import pytest
import trio

from kbroker.broker.changelog import Changelog
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.topics import TRANSACTION_STATE
from kbroker.state.transactions.initialise import ProducerIdAndEpoch
from kbroker.state.transactions.stored import decode_transaction, encode_key
from kbroker.state.transactions.transaction import TransactionState
from kbroker.storage.interfaces.transactions import StoredTransaction
from kbroker.storage.log.data_dir import CLEAN_SHUTDOWN

from .conftest import TIMEOUT_MS, MovableClock, Scene

EVERYWHERE = [("t", 0), ("t", 1), ("t", 2)]


async def begin(scene: Scene, name: str = "tx") -> tuple[int, int]:
    given = await scene.broker.transactions.init_producer_id(name, TIMEOUT_MS, None)
    return given.producer_id, given.epoch


def state_of(scene: Scene, name: str = "tx") -> TransactionState:
    transaction = scene.broker.transactions.get(name)
    assert transaction is not None
    return transaction.state


@pytest.mark.parametrize("version", [0, 2])
@pytest.mark.parametrize("commit", [True, False])
async def test_a_transaction_is_seen_by_committed_readers_when_it_ends_or_never(
    scene: Scene, version: int, commit: bool
) -> None:
    transactions = scene.broker.transactions
    producer = await begin(scene)
    await transactions.add_partitions("tx", *producer, EVERYWHERE, client_version=version)
    for index in range(3):
        await scene.write(producer, 0, index, b"%d" % index)
        assert await scene.committed(index) == []
    after = await transactions.end("tx", *producer, commit=commit, client_version=version)
    assert after == ProducerIdAndEpoch(producer[0], producer[1] + (version == 2))
    for index in range(3):
        assert await scene.committed(index) == ([b"%d" % index] if commit else [])
    assert state_of(scene) is (
        TransactionState.COMPLETE_COMMIT if commit else TransactionState.COMPLETE_ABORT
    )


async def test_each_step_is_appended_to_the_transactions_topic_as_kafka_keeps_it(scene: Scene) -> None:
    producer = await begin(scene)
    await scene.broker.transactions.add_partitions("tx", *producer, [("t", 1)], client_version=2)
    await scene.broker.transactions.end("tx", *producer, commit=True, client_version=2)
    records = [each for index in range(5) for each in await scene.log_of(TRANSACTION_STATE, index)]
    assert {record.key for record in records} == {encode_key("tx")}
    steps = [decode_transaction("tx", record.value or b"") for record in records]
    assert [(step.state.value, step.producer_epoch, sorted(step.partitions)) for step in steps] == [
        ("Empty", 0, []),
        ("Ongoing", 0, [("t", 1)]),
        ("PrepareCommit", 1, [("t", 1)]),
        ("CompleteCommit", 1, []),
    ]


async def test_a_second_producer_aborts_what_the_first_has_open_and_shuts_it_out(scene: Scene) -> None:
    transactions = scene.broker.transactions
    first = await begin(scene)
    await transactions.add_partitions("tx", *first, [("t", 0)])
    await scene.write(first, 0)
    with pytest.raises(KafkaError) as caught:
        await begin(scene)
    assert caught.value.code is ErrorCode.CONCURRENT_TRANSACTIONS
    second = await begin(scene)
    assert second[0] == first[0]
    assert second[1] > first[1]
    assert await scene.committed() == []
    for call in (
        transactions.add_partitions("tx", *first, [("t", 0)]),
        transactions.end("tx", *first, commit=True),
    ):
        with pytest.raises(KafkaError) as caught:
            await call
        assert caught.value.code is ErrorCode.PRODUCER_FENCED


async def test_a_transaction_open_for_longer_than_its_timeout_is_aborted(scene: Scene) -> None:
    transactions = scene.broker.transactions
    producer = await begin(scene)
    await transactions.add_partitions("tx", *producer, [("t", 0)])
    await scene.write(producer, 0)
    scene.clock.now += TIMEOUT_MS
    await transactions.abort_timed_out()
    assert state_of(scene) is TransactionState.ONGOING
    scene.clock.now += 1
    await transactions.abort_timed_out()
    assert state_of(scene) is TransactionState.COMPLETE_ABORT
    store = (await scene.partition()).store
    assert store.last_stable_offset == store.high_watermark == 2


async def test_transactions_that_time_out_are_told_of_once_an_interval(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients choose their timeouts, and how many transactions they let pass them."""
    caplog.set_level(logging.INFO)
    for _ in range(3):
        producer = await begin(scene)
        await scene.broker.transactions.add_partitions("tx", *producer, [("t", 0)])
        scene.clock.now += TIMEOUT_MS + 1
        await scene.broker.transactions.abort_timed_out()
        assert state_of(scene) is TransactionState.COMPLETE_ABORT
    assert caplog.text.count("after its timeout") == 1


async def test_what_is_prepared_is_completed_later_when_a_marker_cannot_be_written(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions = scene.broker.transactions
    producer = await begin(scene)
    await transactions.add_partitions("tx", *producer, [("t", 0), ("t", 1)])
    await scene.write(producer, 0)

    async def refuse(*_: object) -> None:
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)

    with monkeypatch.context() as patch:
        patch.setattr(transactions, "_write_marker", refuse)
        await transactions.end("tx", *producer, commit=True)
        assert state_of(scene) is TransactionState.PREPARE_COMMIT
    with pytest.raises(KafkaError) as caught:
        await begin(scene)
    assert caught.value.code is ErrorCode.CONCURRENT_TRANSACTIONS
    await transactions.load()  # as after a restart
    await transactions.finish_prepared()
    assert state_of(scene) is TransactionState.COMPLETE_COMMIT
    assert await scene.committed() == [b"v"]


async def test_a_transaction_that_cannot_be_read_hides_no_other(scene: Scene) -> None:
    await begin(scene)
    await scene.broker._stores.transactions.save(StoredTransaction("a", b"?"))
    scene.broker.transactions._transactions.clear()
    await scene.broker.transactions.load()
    assert [each.transactional_id for each in scene.broker.transactions.all()] == ["tx"]


async def test_a_partition_that_is_gone_needs_no_marker(scene: Scene) -> None:
    transactions = scene.broker.transactions
    producer = await begin(scene)
    await transactions.add_partitions("tx", *producer, [("t", 0)])
    topic = scene.broker.topics.get("t")
    assert topic is not None
    await scene.broker.topics.delete(topic)
    await transactions.end("tx", *producer, commit=True)
    assert state_of(scene) is TransactionState.COMPLETE_COMMIT


async def test_all_is_forgotten_with_the_topic_that_tells_of_it(scene: Scene) -> None:
    await begin(scene)
    topic = scene.broker.topics.get(TRANSACTION_STATE)
    assert topic is not None
    await scene.broker.topics.delete(topic)
    assert scene.broker.transactions.get("tx") is None
    assert await scene.broker._stores.transactions.load() == []
    assert (await begin(scene))[1] == 0


class TestExpiration:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"transactional.id.expiration.ms": "100000"}

    async def test_an_unused_transactional_id_is_forgotten_in_time(self, scene: Scene) -> None:
        transactions = scene.broker.transactions
        await begin(scene, "idle")
        producer = await begin(scene, "open")
        await transactions.add_partitions("open", *producer, [("t", 0)])
        scene.clock.now += 99_999
        await transactions.expire()
        assert {each.transactional_id for each in transactions.all()} == {"idle", "open"}
        scene.clock.now += 1
        await transactions.expire()
        assert {each.transactional_id for each in transactions.all()} == {"open"}
        records = [each for index in range(5) for each in await scene.log_of(TRANSACTION_STATE, index)]
        assert [each.value for each in records if each.key == encode_key("idle")][-1] is None


class TestMaxTimeout:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"transaction.max.timeout.ms": "1000"}

    @pytest.mark.parametrize(
        ("timeout_ms", "allowed"), [(0, False), (-1, False), (1, True), (1000, True), (1001, False)]
    )
    async def test_a_timeout_is_within_bounds(self, scene: Scene, timeout_ms: int, allowed: bool) -> None:
        call = scene.broker.transactions.init_producer_id("tx", timeout_ms, None)
        if allowed:
            assert (await call).epoch == 0
            return
        with pytest.raises(KafkaError) as caught:
            await call
        assert caught.value.code is ErrorCode.INVALID_TRANSACTION_TIMEOUT


@pytest.mark.parametrize(("level", "form", "epoch"), [(0, b"\0\0", 1), (1, b"\0\1", 1), (2, b"\0\1", 1)])
async def test_the_finalised_version_decides_how_a_producer_is_shut_out_and_what_is_told(
    scene: Scene, level: int, form: bytes, epoch: int
) -> None:
    await scene.broker.features.finalize({"transaction.version": level})
    first = await begin(scene)
    await scene.broker.transactions.add_partitions("tx", *first, [("t", 0)])
    await scene.write(first, 0)
    with pytest.raises(KafkaError):
        await begin(scene)
    aborted = scene.broker.transactions.get("tx")
    assert aborted is not None
    assert (aborted.producer_epoch, aborted.client_version) == (epoch, 2 if level == 2 else 0)
    assert aborted.last_producer_epoch == (0 if level == 2 else -1)
    assert (await begin(scene))[1] == 2
    records = [each for index in range(5) for each in await scene.log_of(TRANSACTION_STATE, index)]
    assert {(record.value or b"")[:2] for record in records} == {form}


async def test_a_step_that_the_topic_missed_is_told_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = BrokerConfig.of({"node.id": "1", "transaction.state.log.num.partitions": "5"})
    path = tmp_path / "other"
    async with open_broker(config, path) as broker:
        transactions = broker.transactions
        await transactions.init_producer_id("forgotten", TIMEOUT_MS, None)
        given = await transactions.init_producer_id("tx", TIMEOUT_MS, None)

        async def die(*_: object) -> None:
            pass

        with monkeypatch.context() as patch:
            patch.setattr(Changelog, "append", die)
            await transactions.add_partitions("tx", given.producer_id, given.epoch, [("t", 1)])
            await transactions.init_producer_id("new", TIMEOUT_MS, None)
            await broker._stores.transactions.delete(["forgotten"])
    (path / CLEAN_SHUTDOWN).unlink()
    async with open_broker(config, path) as broker:
        assert broker.transactions.topic_repair.is_due
        await broker.transactions.topic_repair.run(trio.lowlevel.checkpoint)
        assert not broker.transactions.topic_repair.is_due
        after = Scene(path, MovableClock(), broker, {})
        records = [each for index in range(5) for each in await after.log_of(TRANSACTION_STATE, index)]
    states = {each.key: each.value and decode_transaction("", each.value).state.value for each in records}
    assert states == {encode_key("tx"): "Ongoing", encode_key("new"): "Empty", encode_key("forgotten"): None}
