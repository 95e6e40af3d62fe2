"""Settings whose effect is seen in no other test: what changes when they are set."""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trio

from kbroker.broker.broker import Broker
from kbroker.broker.request_memory import DEFAULT_LIMIT
from kbroker.config.listeners import Listener
from kbroker.embedded import open_broker
from kbroker.handlers import create_topics, fetch, join_group
from kbroker.protocol.create_topics import CreatableTopic, CreateTopicsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.server import serve
from kbroker.state.groups.commit import Committer
from kbroker.state.offsets import CommittedOffset

from .handlers.conftest import FixedClock, config_of, context

SEQUENCE_OF_A_GAP = 7


@asynccontextmanager
async def broker_with(
    directory: Path, clock: FixedClock | None = None, **settings: str
) -> AsyncIterator[Broker]:
    """A broker with settings that have `_` for `.`; its own tasks run."""
    config = config_of({name.replace("_", "."): value for name, value in settings.items()})
    async with (
        open_broker(config, directory, clock or FixedClock()) as broker,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(broker.run)
        yield broker
        nursery.cancel_scope.cancel()


def fetch_request(session_epoch: int = -1) -> FetchRequest:
    partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)
    return FetchRequest(
        max_wait_ms=0,
        min_bytes=1,
        session_epoch=session_epoch,
        topics=[FetchTopic("t", bytes(16), [partition])],
    )


async def append(broker: Broker, size: int = 0, sequence: int = -1) -> None:
    """Append a batch to partition 0 of topic t; with a sequence, as producer 5."""
    producer = (5, 0) if sequence >= 0 else (-1, -1)
    batch = encode_batch(
        [Record(0, 1_700_000_000_000, b"k", bytes(size))],
        producer_id=producer[0],
        producer_epoch=producer[1],
        base_sequence=sequence,
    )
    topic = broker.topics.get("t") or await broker.topics.create("t", 1, {})
    await (await broker.partition(topic, 0)).append(memoryview(batch), parse_header(batch))


async def test_default_replication_factor(tmp_path: Path) -> None:
    async with broker_with(tmp_path, default_replication_factor="2") as broker:
        request = CreateTopicsRequest([CreatableTopic("t", 1, -1)])
        (result,) = (await create_topics.handle(request, context(broker, 7))).topics
        assert result.error_code == ErrorCode.INVALID_REPLICATION_FACTOR


@pytest.mark.parametrize(("limit", "batches"), [("1024", 1), ("57671680", 3)])
async def test_fetch_max_bytes(tmp_path: Path, limit: str, batches: int) -> None:
    async with broker_with(tmp_path, fetch_max_bytes=limit) as broker:
        for _ in range(3):
            await append(broker, size=800)
        response = await fetch.handle(fetch_request(), context(broker, 12))
        assert response is not None
        ((data,),) = [topic.partitions for topic in response.responses]
        assert len(data.records or b"") // 800 == batches


@pytest.mark.parametrize(("slots", "has_session"), [("0", False), ("1", True)])
async def test_max_incremental_fetch_session_cache_slots(
    tmp_path: Path, slots: str, has_session: bool
) -> None:
    async with broker_with(tmp_path, max_incremental_fetch_session_cache_slots=slots) as broker:
        await append(broker)
        response = await fetch.handle(fetch_request(session_epoch=0), context(broker, 12))
        assert response is not None
        assert bool(response.session_id) is has_session


async def test_group_initial_rebalance_delay_ms(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with broker_with(tmp_path, group_initial_rebalance_delay_ms="3000") as broker:
        request = JoinGroupRequest(
            group_id="g",
            session_timeout_ms=10_000,
            rebalance_timeout_ms=60_000,
            protocol_type="consumer",
            protocols=[JoinGroupRequestProtocol("range", b"topics")],
        )
        started = trio.current_time()
        response = await join_group.handle(request, context(broker, 3))
        assert response.error_code == ErrorCode.NONE
        assert 3 <= trio.current_time() - started < 4


async def test_producer_id_expiration_ms(tmp_path: Path) -> None:
    clock = FixedClock()
    async with broker_with(tmp_path, clock, producer_id_expiration_ms="1000") as broker:
        await append(broker, sequence=0)
        with pytest.raises(KafkaError):
            await append(broker, sequence=SEQUENCE_OF_A_GAP)
        clock.now += 2000
        await broker.change_configs("", lambda _: {"producer.id.expiration.ms": "3000"})
        await broker._stores.logs.enforce_retention(clock.now)
        with pytest.raises(KafkaError):
            await append(broker, sequence=SEQUENCE_OF_A_GAP)
        await broker.change_configs("", lambda _: {})
        await broker._stores.logs.enforce_retention(clock.now)
        await append(broker, sequence=SEQUENCE_OF_A_GAP)  # nothing is known of the producer any more


@pytest.mark.parametrize("codec", ["0", "1"])
async def test_offsets_topic_compression_codec(tmp_path: Path, codec: str) -> None:
    async with broker_with(
        tmp_path, offsets_topic_compression_codec=codec, offsets_topic_num_partitions="1"
    ) as broker:
        topic = await broker.topics.create("t", 1, {})
        offset = CommittedOffset(5, 0, "", broker.clock.now_ms(), -1, topic.topic_id)
        await broker.groups.offsets.commit(Committer("g"), {("t", 0): offset})
        changelog = broker.topics.get("__consumer_offsets")
        assert changelog is not None
        read = await (await broker.partition(changelog, 0)).store.read(0, 1000)
        assert parse_header(read.records).codec == int(codec)


async def test_offsets_retention_check_interval_ms(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = []

    async def check(*_: object) -> None:
        checks.append(trio.current_time())

    monkeypatch.setattr("kbroker.broker.groups.coordinator.GroupCoordinator.expire_offsets", check)
    async with broker_with(tmp_path, offsets_retention_check_interval_ms="1000") as broker:
        assert not broker.groups.all()  # asked for, they are made, and their time is kept
        await trio.sleep(3.5)
    assert len(checks) == 3


async def test_what_a_start_finds_of_groups_is_seen_to_though_nobody_asks(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    clock = FixedClock()
    async with broker_with(tmp_path, clock) as broker:
        topic = await broker.topics.create("t", 1, {})
        offset = CommittedOffset(42, 3, "", clock.now, -1, topic.topic_id)
        await broker.groups.offsets.commit(Committer("g"), {("t", 0): offset})
    clock.now += 120_000
    async with broker_with(tmp_path, clock) as broker:
        assert broker.groups.get("g")
    settings = {"offsets_retention_check_interval_ms": "1000", "offsets_retention_minutes": "1"}
    async with broker_with(tmp_path, clock, **settings):
        await trio.sleep(1.5)
    async with broker_with(tmp_path, clock) as broker:
        assert not broker.groups.get("g")


@pytest.mark.parametrize(("enabled", "times"), [("true", 3), ("false", 0)])
async def test_log_cleaner_enable_and_backoff_ms(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, enabled: str, times: int
) -> None:
    async with broker_with(tmp_path, log_cleaner_enable=enabled, log_cleaner_backoff_ms="1000") as broker:
        cleaned = []

        async def clean(*_: object) -> None:
            cleaned.append(trio.current_time())

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(broker._stores.logs), "clean", clean)
            await trio.sleep(3.5)
        assert len(cleaned) == times


@pytest.mark.parametrize(("threads", "times"), [("0", 0), ("2", 2)])
async def test_log_cleaner_threads(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, threads: str, times: int
) -> None:
    settings = {"log_cleaner_threads": threads, "log_cleaner_backoff_ms": "0"}
    async with broker_with(tmp_path, **settings) as broker:
        cleaned = []

        async def clean(*_: object) -> None:
            cleaned.append(trio.current_time())

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(broker._stores.logs), "clean", clean)
            await trio.sleep(0.12)  # without a backoff it is a shortest one: nothing spins
        assert len(cleaned) == times


@pytest.mark.parametrize(
    ("setting", "limit"), [("2000000", 2_000_000), ("0", DEFAULT_LIMIT), ("-1", DEFAULT_LIMIT)]
)
async def test_queued_max_request_bytes(tmp_path: Path, setting: str, limit: int) -> None:
    settings = {"queued_max_request_bytes": setting, "socket_request_max_bytes": "2000000"}
    async with broker_with(tmp_path, **settings) as broker:
        assert broker.request_memory.limit == limit


async def test_queued_max_response_bytes(tmp_path: Path) -> None:
    async with broker_with(tmp_path, queued_max_response_bytes="2000000") as broker:
        assert broker.response_memory.room == 2_000_000


async def test_socket_request_max_bytes(tmp_path: Path) -> None:
    config = config_of({"socket.request.max.bytes": "100"})
    async with trio.open_nursery() as nursery:
        server = await nursery.start(
            lambda task_status: serve(
                config, data_dir=tmp_path, listeners=[Listener("L", "127.0.0.1", 0)], task_status=task_status
            )
        )
        async with await trio.open_tcp_stream("127.0.0.1", server.bound[0].port) as stream:
            await stream.send_all(struct.pack(">i", 101) + bytes(101))
            with (
                trio.fail_after(5),
                suppress(trio.BrokenResourceError),
            ):  # reset, if it had not read everything
                assert await stream.receive_some() == b""
        server.stop()


async def begin_transaction(broker: Broker) -> None:
    given = await broker.transactions.init_producer_id("tx", 1000, None)
    await broker.topics.create("t", 1, {})
    await broker.transactions.add_partitions("tx", given.producer_id, given.epoch, [("t", 0)])


async def test_transaction_abort_timed_out_transaction_cleanup_interval_ms(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    clock = FixedClock()
    settings = {"transaction_abort_timed_out_transaction_cleanup_interval_ms": "5000"}
    async with broker_with(tmp_path, clock, **settings) as broker:
        await begin_transaction(broker)
        clock.now += 1001
        states = []
        for seconds in (4.9, 0.2):
            await trio.sleep(seconds)
            states += [each.state.value for each in broker.transactions.all()]
        assert states == ["Ongoing", "CompleteAbort"]


async def test_what_a_start_finds_of_transactions_is_seen_to_though_nobody_asks(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    clock = FixedClock()
    async with broker_with(tmp_path, clock) as broker:
        await begin_transaction(broker)
    clock.now += 1001
    settings = {"transaction_abort_timed_out_transaction_cleanup_interval_ms": "5000"}
    async with broker_with(tmp_path, clock, **settings):
        await trio.sleep(5.1)
    async with broker_with(tmp_path, clock) as broker:
        assert [each.state.value for each in broker.transactions.all()] == ["CompleteAbort"]


async def test_transaction_remove_expired_transaction_cleanup_interval_ms(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    clock = FixedClock()
    settings = {"transaction_remove_expired_transaction_cleanup_interval_ms": "5000"}
    async with broker_with(tmp_path, clock, **settings) as broker:
        await broker.transactions.init_producer_id("tx", 1000, None)
        clock.now += 604_800_000
        left = []
        for seconds in (4.9, 0.2):
            await trio.sleep(seconds)
            left.append(len(broker.transactions.all()))
        assert left == [1, 0]
