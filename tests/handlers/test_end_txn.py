"""EndTxn: what readers see of it, and who may ask."""

import pytest
import trio

from kbroker.broker.broker import Broker
from kbroker.handlers import end_txn, fetch
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic

from .conftest import context, refuse_writes
from .transacting import Producer, read_committed


@pytest.mark.parametrize("version", [3, 5])
async def test_readers_of_committed_records_wait_for_the_end(broker: Broker, version: int) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    for commit, aborted in [(True, []), (False, [(producer.producer_id, 2)])]:
        if version < 5:
            await producer.add("t", 0)
        answer = await producer.write("t", version=11 if version < 5 else 12)
        assert answer.error_code == 0
        before = await read_committed(broker, "t")
        assert before.last_stable_offset == answer.base_offset
        ended = await producer.end(commit=commit, version=version)
        assert ended.error_code == 0
        after = await read_committed(broker, "t")
        assert after.last_stable_offset == after.high_watermark == answer.base_offset + 2
        assert [(each.producer_id, each.first_offset) for each in after.aborted_transactions or ()] == aborted


async def test_version_5_tells_the_epoch_to_go_on_with(broker: Broker) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    await producer.write("t", version=12)
    before = producer.producer_id, producer.epoch
    answer = await producer.end(version=5)
    assert (answer.producer_id, answer.producer_epoch) == (before[0], before[1] + 1)
    again = await end_txn.handle(EndTxnRequest("tx", *before, True), context(broker, 5))
    assert (again.error_code, again.producer_epoch) == (0, before[1] + 1)
    late = await producer.write("t", version=12)
    assert late.error_code == 0


@pytest.mark.parametrize(
    ("version", "code"), [(1, ErrorCode.INVALID_PRODUCER_EPOCH), (2, ErrorCode.PRODUCER_FENCED)]
)
async def test_a_fenced_producer_is_told_as_its_version_knows_it(
    broker: Broker, version: int, code: ErrorCode
) -> None:
    producer = await Producer(broker).begin()
    request = EndTxnRequest("tx", producer.producer_id, producer.epoch + 1, True)
    answer = await end_txn.handle(request, context(broker, version))
    assert (answer.error_code, answer.producer_id, answer.producer_epoch) == (code, -1, -1)


async def test_what_cannot_be_stored_has_not_ended(broker: Broker) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    await producer.add("t", 0)
    await producer.write("t")
    refuse_writes(broker)
    assert (await producer.end()).error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert (await read_committed(broker, "t")).last_stable_offset == 0
    transaction = broker.transactions.get("tx")
    assert transaction is not None
    assert transaction.state.value == "Ongoing"


@pytest.mark.parametrize("min_bytes", [1, 140])
async def test_a_reader_of_committed_records_that_waits_is_told_of_the_end(
    broker: Broker, autojump_clock: trio.testing.MockClock, min_bytes: int
) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    await producer.write("t", version=12)
    wanted = FetchPartition(0, fetch_offset=0, partition_max_bytes=1 << 20)
    request = FetchRequest(
        replica_id=-1,
        max_wait_ms=10_000,
        min_bytes=min_bytes,
        max_bytes=1 << 20,
        isolation_level=1,
        topics=[FetchTopic("t", partitions=[wanted])],
    )
    async with trio.open_nursery() as nursery:

        async def commit_later() -> None:
            await trio.sleep(1)
            await producer.end(version=5)

        nursery.start_soon(commit_later)
        answer = await fetch.handle(request, context(broker, 11))
    assert trio.current_time() < 2
    assert answer.responses[0].partitions[0].records
