"""A Fetch that waits is answered within the append that brings enough, or else by its own task."""

from typing import Any

import pytest
import trio
import trio.testing
from attrs import Factory, define

from kbroker.broker.broker import Broker
from kbroker.broker.charge import Charge
from kbroker.broker.context import RequestContext
from kbroker.broker.fetch_read import READ_COMMITTED
from kbroker.broker.purgatory import ANSWERED_AT_ONCE
from kbroker.handlers import fetch
from kbroker.protocol.fetch import FetchRequest, FetchResponse
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.state.topics import Topic
from kbroker.storage.log.partition_log import PartitionLog

from .conftest import MakeContext
from .test_fetch import NAMES, NOW, append, offsets, only, part, request, topic_of_three  # noqa: F401  a fixture

WAIT_MS = 60_000


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


async def test_the_answer_is_there_when_the_append_returns(
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
    assert True in firsts


async def test_a_cancelled_one_is_not_answered(broker: Broker, topic: Topic, at: MakeContext) -> None:
    async with trio.open_nursery() as nursery:
        parked = await park(nursery, request(part(), max_wait_ms=WAIT_MS), at(NAMES))
        nursery.cancel_scope.cancel()
    await append(broker, topic)
    assert not parked.at_once
