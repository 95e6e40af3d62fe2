"""A Fetch that waits is answered by the Produce that brings enough, or else by its own task."""

from types import SimpleNamespace
from typing import Any

import pytest
import trio
import trio.testing
from attrs import Factory, define

from kbroker.broker.broker import Broker
from kbroker.broker.charge import Charge
from kbroker.broker.context import RequestContext
from kbroker.broker.fetch_read import READ_COMMITTED, READS_AT_A_STRETCH
from kbroker.broker.purgatory import ANSWERED_AT_ONCE
from kbroker.broker.response_memory import ALWAYS
from kbroker.handlers import fetch, produce
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.fetch import FetchRequest, FetchResponse, PartitionData
from kbroker.protocol.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.state.topics import Topic
from kbroker.storage.log.partition_log import PartitionLog

from . import test_fetch
from .conftest import MakeContext
from .test_fetch import NAMES, NOW, offsets, only, part, request, topic_of_three  # noqa: F401  a fixture

WAIT_MS = 60_000


async def append(broker: Broker, topic: Topic, *indexes: int, **size: int) -> None:
    """Append to the partitions (0) as one Produce does."""
    for index in indexes or (0,):
        await test_fetch.append(broker, topic, index, **size)
    broker.purgatory.answer_due()


@define
class Parked:
    """A Fetch that waits. `at_once`: what was answered for it; `by_itself`: what its own task answered."""

    ctx: RequestContext
    at_once: list[FetchResponse] = Factory(list)
    by_itself: list[FetchResponse] = Factory(list)
    gone: bool = False

    async def handle(self, asked: FetchRequest) -> None:
        response = await fetch.handle(asked, self.ctx)
        if response is not None:
            self.by_itself.append(response)
        self.gone = True


async def park(nursery: trio.Nursery, asked: FetchRequest, ctx: RequestContext) -> Parked:
    parked = Parked(ctx)
    ctx.encode = lambda _, response: [response]
    ctx.connection.send_parked = parked.at_once.extend  # type: ignore[assignment]
    nursery.start_soon(parked.handle, asked)
    await trio.testing.wait_all_tasks_blocked()
    assert not parked.gone
    return parked


async def test_the_answer_is_there_when_the_producers_is(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    await append(broker, topic)
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(offset=1), max_wait_ms=WAIT_MS), at(NAMES))
        await append(broker, topic, count=2)
        data = only(parked.at_once[0])
        assert offsets(data) == [1]
        assert (data.high_watermark, data.last_stable_offset, data.log_start_offset) == (3, 3, 0)
        await append(broker, topic)
    assert len(parked.at_once) == 1
    assert not parked.by_itself


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize(
    ("asked", "appended"),
    [
        (request(part(0), part(1), part(2), max_wait_ms=WAIT_MS), [1]),
        (request(part(0), part(1), part(2), max_wait_ms=WAIT_MS, session=(0, 0)), [2]),
        (request(part(0), part(1), max_wait_ms=WAIT_MS, min_bytes=200), [1, 0]),
        (request(part(0, max_bytes=1), part(1), max_wait_ms=WAIT_MS, min_bytes=200, max_bytes=99), [0]),
        (request(part(0), part(7), max_wait_ms=WAIT_MS), [0]),
    ],
    ids=["one of several", "session", "two grow", "limits", "beside an unknown one"],
)
async def test_it_is_what_its_own_task_would_answer(  # noqa: PLR0917
    broker: Broker,
    topic: Topic,
    at: MakeContext,
    asked: FetchRequest,
    appended: list[int],
    committed: bool,
    autojump_clock: trio.testing.MockClock,
) -> None:
    asked.isolation_level = int(committed)
    async with trio.open_nursery() as nursery:
        one = await park(nursery, asked, at(NAMES))
        other = await park(nursery, asked, at(NAMES))
        other.ctx.connection.send_parked = None
        for index in appended:
            assert not one.at_once
            await append(broker, topic, index, size=100)
        assert len(one.at_once) == 1
        assert one.ctx.answered
    one.at_once[0].session_id = other.by_itself[0].session_id
    assert plain(one.at_once[0]) == plain(other.by_itself[0])
    assert not one.by_itself


def plain(response: FetchResponse) -> FetchResponse:
    """Records as bytes, whatever they lie in."""
    for topic in response.responses:
        for data in topic.partitions:
            data.records = bytes(data.records or b"")
    return response


async def test_a_session_goes_on_after_it(broker: Broker, topic: Topic, at: MakeContext) -> None:
    made = await fetch.handle(request(part(0), part(1), session=(0, 0)), at(NAMES))
    assert made is not None
    async with trio.open_nursery() as nursery:
        asked = request(session=(made.session_id, 1), max_wait_ms=WAIT_MS)
        parked = await park(nursery, asked, at(NAMES))
        await append(broker, topic, 1)
    assert [data.partition_index for data in parked.at_once[0].responses[0].partitions] == [1]
    asked = request(part(1, offset=1), session=(made.session_id, 2))
    nothing = await fetch.handle(asked, at(NAMES))
    assert nothing is not None
    assert nothing.responses == [], "all of it has been told"


async def test_what_one_producer_brings_to_several_partitions_comes_in_one_answer(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    batch = bytes(encode_batch([Record(0, NOW, b"k", b"v")]))
    data = [PartitionProduceData(index, memoryview(bytearray(batch))) for index in (2, 0)]
    asked = request(part(0), part(1), part(2), max_wait_ms=WAIT_MS)
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, asked, at(NAMES))
        sent = ProduceRequest(acks=-1, topic_data=[TopicProduceData("t", partition_data=data)])
        produced = await produce.handle(sent, at(NAMES))
        assert produced is not None
        (answer,) = parked.at_once
        found = {data.partition_index: offsets(data) for data in answer.responses[0].partitions}
        assert found == {0: [0], 1: [], 2: [0]}
    assert not parked.by_itself


@pytest.mark.parametrize("many", [False, True])
async def test_who_asks_for_many_partitions_answers_itself(
    broker: Broker, at: MakeContext, many: bool
) -> None:
    count = READS_AT_A_STRETCH - (not many)
    topic = await broker.topics.create("many", count, {})
    asked = request(*(part(index) for index in range(count)), topic="many", max_wait_ms=WAIT_MS)
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, asked, at(NAMES))
        await append(broker, topic)
    assert bool(parked.by_itself) is many
    assert bool(parked.at_once) is not many


async def test_who_may_read_no_more_gets_nothing_of_what_comes(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    allowed = [True]
    broker.authorizer = SimpleNamespace(authorize=lambda *_: allowed[0])  # type: ignore[assignment]
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(), max_wait_ms=WAIT_MS), at(NAMES))
        allowed[0] = False
        await append(broker, topic)
        assert not parked.at_once
    data = only(parked.by_itself[0])
    assert (data.error_code, data.records) == (ErrorCode.TOPIC_AUTHORIZATION_FAILED, b"")
    allowed[0] = True
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(offset=1), max_wait_ms=WAIT_MS), at(NAMES))
        await append(broker, topic)
        assert offsets(only(parked.at_once[0])) == [1]


async def test_while_slow_readers_hold_all_memory_small_answers_go_at_once(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    with trio.CancelScope() as slow:
        broker.response_memory.hold(slow, broker.config.int("queued.max.response.bytes"))
        asked = request(part(0), part(1), max_wait_ms=WAIT_MS)
        async with trio.open_nursery() as nursery:
            small = await park(nursery, asked, at(NAMES))
            await append(broker, topic, size=ALWAYS // 2)
            assert offsets(only_of(small.at_once[0], 0)) == [0]
        async with trio.open_nursery() as nursery:
            large = await park(nursery, request(part(1), max_wait_ms=WAIT_MS), at(NAMES))
            await append(broker, topic, 1, size=ALWAYS * 2)
            assert not large.at_once
            await trio.testing.wait_all_tasks_blocked()
            assert not large.gone, "it waits for room"
            broker.response_memory.hold(slow, 0)
        assert offsets(only(large.by_itself[0])) == [0]


def only_of(response: FetchResponse, index: int) -> PartitionData:
    return next(data for data in response.responses[0].partitions if data.partition_index == index)


async def test_of_more_who_wait_each_answers_itself(broker: Broker, topic: Topic, at: MakeContext) -> None:
    async with trio.open_nursery() as nursery:
        asked = request(part(), max_wait_ms=WAIT_MS)
        parked = [await park(nursery, asked, at(NAMES)) for _ in range(ANSWERED_AT_ONCE + 1)]
        await append(broker, topic)
        assert not any(each.at_once for each in parked)
    assert all(offsets(only(each.by_itself[0])) == [0] for each in parked)


async def test_what_an_open_transaction_holds_back_ends_no_wait(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    batch = encode_batch([Record(0, NOW, b"k", b"v")], producer_id=1, producer_epoch=0, base_sequence=0)
    batch = bytearray(batch)
    header = parse_header(batch)
    header.attributes |= 0x10
    asked = request(part(), max_wait_ms=1_000)
    asked.isolation_level = READ_COMMITTED
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, asked, at(NAMES))
        await (await broker.partition(topic, 0)).append(memoryview(batch), header)
        await append(broker, topic)
        assert not parked.at_once
    assert offsets(only(parked.by_itself[0])) == []
    assert trio.current_time() == pytest.approx(1)


def charged(ctx: RequestContext, _: pytest.MonkeyPatch) -> None:
    ctx.charge = Charge(ctx)


def not_in_memory(_: RequestContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartitionLog, "read_at_once", lambda *_, **__: None)


def failing(_: RequestContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_at_once(*_: Any, **__: Any) -> None:
        raise ValueError

    monkeypatch.setattr(PartitionLog, "read_at_once", read_at_once)


def failing_late(ctx: RequestContext, _: pytest.MonkeyPatch) -> None:
    def encode(*_: Any) -> list[Any]:
        raise ValueError

    ctx.encode = encode


@pytest.mark.parametrize("hinder", [charged, not_in_memory, failing, failing_late])
async def test_where_that_is_impossible_its_own_task_answers(
    broker: Broker, topic: Topic, at: MakeContext, hinder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(), max_wait_ms=WAIT_MS), at(NAMES))
        hinder(parked.ctx, monkeypatch)
        await append(broker, topic)
        assert not parked.at_once
    assert offsets(only(parked.by_itself[0])) == [0]


async def test_a_wait_that_ends_as_something_comes_is_answered_once(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    """Whichever of the two tasks that wake up at that time is first."""
    firsts = set()
    for offset in range(30):
        async with trio.open_nursery() as nursery:
            parked = await park(nursery, request(part(offset=offset), max_wait_ms=1_000), at(NAMES))
            await trio.sleep(1)
            await append(broker, topic)
        answers = parked.at_once + parked.by_itself
        assert len(answers) == 1
        firsts.add(bool(parked.at_once))
    assert firsts == {True, False}


@pytest.mark.parametrize("had_its_turn", [True, False])
async def test_one_that_is_cancelled_is_answered_once_at_most(
    broker: Broker, topic: Topic, at: MakeContext, had_its_turn: bool
) -> None:
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(), max_wait_ms=WAIT_MS), at(NAMES))
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            if had_its_turn:
                await trio.testing.wait_all_tasks_blocked()
            await append(broker, topic)
    assert len(parked.at_once) == (not had_its_turn)
    assert not parked.by_itself


async def test_what_could_not_be_sent_is_not_answered_again(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    """Who knows what of it has left."""

    def send_parked(_: object) -> None:
        raise ValueError

    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(), max_wait_ms=WAIT_MS), at(NAMES))
        parked.ctx.connection.send_parked = send_parked
        await append(broker, topic)
    assert not parked.by_itself
