"""Fetch: waiting, limits, sessions, epochs."""

from collections.abc import Awaitable, Callable

import pytest
import trio

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.broker.response_memory import ALWAYS
from kbroker.handlers import fetch
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.fetch import (
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    ForgottenTopic,
    PartitionData,
    ReplicaState,
)
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header
from kbroker.state.topics import Topic

from .conftest import MakeContext

NAMES, IDS = 12, 13
NOW = 1_700_000_000_000


async def append(broker: Broker, topic: Topic, index: int = 0, count: int = 1, size: int = 10) -> int:
    """Append one batch of `count` records, returns its size."""
    batch = encode_batch([Record(n, NOW, b"k", bytes(size)) for n in range(count)])
    partition = await broker.partition(topic, index)
    await partition.append(memoryview(batch), parse_header(batch))
    return len(batch)


def request(
    *partitions: FetchPartition,
    topic: str = "t",
    topic_id: bytes = bytes(16),
    max_wait_ms: int = 0,
    min_bytes: int = 1,
    max_bytes: int = 2**31 - 1,
    session: tuple[int, int] = (0, -1),
    forgotten: list[int] | None = None,
) -> FetchRequest:
    return FetchRequest(
        max_wait_ms=max_wait_ms,
        min_bytes=min_bytes,
        max_bytes=max_bytes,
        session_id=session[0],
        session_epoch=session[1],
        topics=[FetchTopic(topic, topic_id, list(partitions))] if partitions else [],
        forgotten_topics_data=[ForgottenTopic(topic, topic_id, forgotten)] if forgotten else [],
    )


def part(index: int = 0, offset: int = 0, max_bytes: int = 1 << 20, **more: int) -> FetchPartition:
    return FetchPartition(partition=index, fetch_offset=offset, partition_max_bytes=max_bytes, **more)


def only(response: FetchResponse) -> PartitionData:
    assert response.error_code == 0
    ((data,),) = [topic.partitions for topic in response.responses]
    return data


def offsets(data: PartitionData) -> list[int]:
    return [header.base_offset for header, _ in iter_batches(data.records or b"")]


@pytest.fixture(name="topic")
async def topic_of_three(broker: Broker) -> Topic:
    return await broker.topics.create("t", 3, {})


async def test_batches_come_back_with_bounds(broker: Broker, topic: Topic, at: MakeContext) -> None:
    await append(broker, topic, count=3)
    await append(broker, topic)
    data = only(await fetch.handle(request(part()), at(NAMES)))
    assert offsets(data) == [0, 3]
    assert (data.high_watermark, data.last_stable_offset, data.log_start_offset) == (4, 4, 0)


async def test_a_fetch_may_start_inside_a_batch_and_at_the_end(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    await append(broker, topic, count=3)
    assert offsets(only(await fetch.handle(request(part(offset=2)), at(NAMES)))) == [0]
    assert offsets(only(await fetch.handle(request(part(offset=3)), at(NAMES)))) == []


async def test_topics_are_found_by_id_since_v13(broker: Broker, topic: Topic, at: MakeContext) -> None:
    await append(broker, topic)
    found = await fetch.handle(request(part(), topic="", topic_id=topic.topic_id), at(IDS))
    assert offsets(only(found)) == [0]
    assert found.responses[0].topic_id == topic.topic_id
    lost = await fetch.handle(request(part(), topic="", topic_id=b"x" * 16), at(IDS))
    assert only(lost).error_code == ErrorCode.UNKNOWN_TOPIC_ID


@pytest.mark.parametrize(
    ("name", "asked", "code"),
    [
        ("t", part(max_bytes=-1), ErrorCode.UNKNOWN_SERVER_ERROR),
        ("t", part(offset=5), ErrorCode.OFFSET_OUT_OF_RANGE),
        ("t", part(offset=-1), ErrorCode.OFFSET_OUT_OF_RANGE),
        ("t", part(current_leader_epoch=7), ErrorCode.UNKNOWN_LEADER_EPOCH),
    ],
)
async def test_errors_are_answered_at_once(  # noqa: PLR0917
    broker: Broker,
    topic: Topic,
    at: MakeContext,
    name: str,
    asked: FetchPartition,
    code: ErrorCode,
    autojump_clock: trio.testing.MockClock,
) -> None:
    data = only(await fetch.handle(request(asked, topic=name, max_wait_ms=5000), at(NAMES)))
    assert data.error_code == code
    assert data.high_watermark == -1
    assert trio.current_time() == 0


@pytest.mark.parametrize(("name", "index"), [("nope", 0), ("t", 9), ("t", -1)])
async def test_what_does_not_exist_comes_last_and_does_not_end_the_wait(
    topic: Topic, at: MakeContext, name: str, index: int, autojump_clock: trio.testing.MockClock
) -> None:
    asked = request(part(index), topic=name, max_wait_ms=500)
    asked.topics.append(FetchTopic("t", partitions=[part(0)]))
    response = await fetch.handle(asked, at(NAMES))
    codes = [data.error_code for answered in response.responses for data in answered.partitions]
    assert codes == [ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    assert trio.current_time() == pytest.approx(0.5)


async def test_where_nothing_can_be_read_there_is_nothing_to_wait_for(
    topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    data = only(await fetch.handle(request(part(), topic="nope", max_wait_ms=5000), at(NAMES)))
    assert data.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert trio.current_time() == pytest.approx(0)


@pytest.mark.parametrize("isolation_level", [-1, 2])
async def test_an_unknown_isolation_level(topic: Topic, at: MakeContext, isolation_level: int) -> None:
    asked = request(part())
    asked.isolation_level = isolation_level
    by_name = await fetch.handle(asked, at(NAMES))
    assert by_name.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
    assert by_name.responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_SERVER_ERROR
    assert (await fetch.handle(asked, at(IDS))).responses == []


async def test_no_other_broker_has_a_replica(broker: Broker, topic: Topic, at: MakeContext) -> None:
    asked = request(part(), topic="", topic_id=topic.topic_id)
    asked.replica_state = ReplicaState(7)
    data = only(await fetch.handle(asked, at(18)))
    assert data.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert (data.current_leader.leader_id, data.current_leader.leader_epoch) == (broker.node_id, 0)


async def test_the_last_batch_may_be_cut_off_by_the_limit(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    size = await append(broker, topic)
    await append(broker, topic)
    data = only(await fetch.handle(request(part(max_bytes=size + 7)), at(NAMES)))
    assert len(data.records or b"") == size + 7


async def test_an_empty_fetch_waits_for_max_wait_ms(
    topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    data = only(await fetch.handle(request(part(), max_wait_ms=500), at(NAMES)))
    assert offsets(data) == []
    assert trio.current_time() == pytest.approx(0.5)


async def test_an_append_wakes_a_waiting_fetch(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as nursery:

        async def produce() -> None:
            await trio.sleep(0.1)
            await append(broker, topic, 1)

        nursery.start_soon(produce)
        response = await fetch.handle(request(part(0), part(1), max_wait_ms=60_000), at(NAMES))
    assert trio.current_time() == pytest.approx(0.1)
    assert [offsets(data) for data in response.responses[0].partitions] == [[], [0]]


async def test_min_bytes_are_waited_for(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    size = await append(broker, topic)

    async with trio.open_nursery() as nursery:

        async def produce() -> None:
            for _ in range(5):
                await trio.sleep(1)
                await append(broker, topic)

        nursery.start_soon(produce)
        data = only(await fetch.handle(request(part(), max_wait_ms=60_000, min_bytes=3 * size), at(NAMES)))
        assert offsets(data) == [0, 1, 2]
        assert trio.current_time() == pytest.approx(2)
        nursery.cancel_scope.cancel()


async def test_a_deleted_topic_ends_the_wait(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as nursery:

        async def delete() -> None:
            await trio.sleep(1)
            await broker.topics.delete(topic)

        nursery.start_soon(delete)
        data = only(await fetch.handle(request(part(), max_wait_ms=60_000), at(NAMES)))
    assert data.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert trio.current_time() == pytest.approx(1)


async def test_answers_before_a_waiting_fetch_are_sent_first(
    topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    sent = 0

    async def before_wait() -> None:
        nonlocal sent
        sent += 1

    ctx = at(NAMES)
    ctx.before_wait = before_wait
    await fetch.handle(request(part(), max_wait_ms=0), ctx)
    assert sent == 0
    await fetch.handle(request(part(), max_wait_ms=10), ctx)
    assert sent == 1


async def test_limits_cut_between_batches_but_the_first_is_whole(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    for index in (0, 0, 0, 1):
        size = await append(broker, topic, index, size=1000)
    assert offsets(only(await fetch.handle(request(part(max_bytes=1)), at(NAMES)))) == [0]
    assert offsets(only(await fetch.handle(request(part(max_bytes=2 * size)), at(NAMES)))) == [0, 1]
    both = await fetch.handle(request(part(0), part(1), max_bytes=3 * size), at(NAMES))
    assert [offsets(data) for data in both.responses[0].partitions] == [[0, 1, 2], []]


async def test_the_response_memory_limits_what_is_read(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    await append(broker, topic, size=ALWAYS)
    sending = trio.CancelScope()
    broker.response_memory.hold(sending, broker.response_memory.room)
    assert offsets(only(await fetch.handle(request(part(), max_wait_ms=100), at(NAMES)))) == []
    assert trio.current_time() == pytest.approx(0.1)
    broker.response_memory.hold(sending, 0)
    assert offsets(only(await fetch.handle(request(part()), at(NAMES)))) == [0]


async def test_a_small_answer_needs_no_room(broker: Broker, topic: Topic, at: MakeContext) -> None:
    await append(broker, topic)
    await append(broker, topic, size=ALWAYS)
    broker.response_memory.hold(trio.CancelScope(), broker.response_memory.room)
    data = only(await fetch.handle(request(part()), at(NAMES)))
    assert data.records
    assert len(data.records) == ALWAYS


async def test_without_room_a_fetch_still_hears_of_what_comes(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    broker.response_memory.hold(trio.CancelScope(), broker.response_memory.room)
    answered = await answer_after(
        lambda: append(broker, topic), at(NAMES), request(part(), max_wait_ms=5_000)
    )
    assert offsets(only(answered)) == [0]
    assert trio.current_time() == pytest.approx(1)


async def test_what_was_held_back_goes_once_there_is_room(
    broker: Broker, topic: Topic, at: MakeContext, autojump_clock: trio.testing.MockClock
) -> None:
    await append(broker, topic, size=ALWAYS)
    memory = broker.response_memory
    sending = trio.CancelScope()
    memory.hold(sending, memory.room)

    async def make_room() -> None:
        memory.hold(sending, memory.held - 1)

    answered = await answer_after(make_room, at(NAMES), request(part(), max_wait_ms=5_000))
    assert offsets(only(answered)) == [0]
    assert trio.current_time() == pytest.approx(1)


async def answer_after(
    event: Callable[[], Awaitable[object]], ctx: RequestContext, asked: FetchRequest
) -> FetchResponse:
    """The answer to a Fetch that waits for what happens after a second."""

    async def happen() -> None:
        await trio.sleep(1)
        await event()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(happen)
        return await fetch.handle(asked, ctx)


async def test_an_incremental_session_answers_only_news(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    full = await fetch.handle(request(part(0), part(1), session=(0, 0)), at(NAMES))
    session = full.session_id
    assert session > 0
    assert len(full.responses[0].partitions) == 2
    nothing = await fetch.handle(request(session=(session, 1)), at(NAMES))
    assert nothing.responses == []
    await append(broker, topic, 1)
    news = await fetch.handle(request(session=(session, 2)), at(NAMES))
    assert [data.partition_index for data in news.responses[0].partitions] == [1]
    forgotten = await fetch.handle(request(session=(session, 3), forgotten=[1]), at(NAMES))
    assert forgotten.responses == []


async def test_a_session_remembers_what_its_topic_ids_meant(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    made = await fetch.handle(request(part(), topic_id=topic.topic_id, session=(0, 0)), at(IDS))
    await broker.topics.delete(topic)
    gone = only(await fetch.handle(request(session=(made.session_id, 1)), at(IDS)))
    assert gone.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    await broker.topics.create(topic.name, 1, {})
    another = only(await fetch.handle(request(session=(made.session_id, 2)), at(IDS)))
    assert another.error_code == ErrorCode.INCONSISTENT_TOPIC_ID
    stranger = only(await fetch.handle(request(part(), topic_id=topic.topic_id), at(IDS)))
    assert stranger.error_code == ErrorCode.UNKNOWN_TOPIC_ID


async def test_partitions_of_a_session_take_turns(broker: Broker, topic: Topic, at: MakeContext) -> None:
    for index in (0, 1, 2):
        await append(broker, topic, index)
    first = await fetch.handle(request(part(0), part(1), part(2), session=(0, 0), max_bytes=1), at(NAMES))
    served = []
    for epoch in (1, 2, 3):
        answer = await fetch.handle(request(session=(first.session_id, epoch), max_bytes=1), at(NAMES))
        served += [data.partition_index for data in answer.responses[0].partitions if data.records]
    assert served == [1, 2, 0]


async def test_session_errors_are_answered_at_the_top(topic: Topic, at: MakeContext) -> None:
    unknown = await fetch.handle(request(session=(77, 1)), at(NAMES))
    assert (unknown.error_code, unknown.session_id) == (ErrorCode.FETCH_SESSION_ID_NOT_FOUND, 0)
    made = await fetch.handle(request(part(), session=(0, 0)), at(NAMES))
    wrong = await fetch.handle(request(session=(made.session_id, 5)), at(NAMES))
    assert wrong.error_code == ErrorCode.INVALID_FETCH_SESSION_EPOCH


async def test_a_truncated_history_is_told_as_divergence(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    await append(broker, topic)
    epoch = (await broker.partition(topic, 0)).store.leader_epoch
    asked = part(offset=1, last_fetched_epoch=epoch)
    assert only(await fetch.handle(request(asked), at(NAMES))).diverging_epoch.epoch == -1
    asked = part(offset=9, last_fetched_epoch=epoch)
    diverging = only(await fetch.handle(request(asked, max_wait_ms=1000), at(NAMES))).diverging_epoch
    assert (diverging.epoch, diverging.end_offset) == (epoch, 1)


async def test_others_have_their_turn_while_many_partitions_are_read(broker: Broker, at: MakeContext) -> None:
    """As well when their logs are opened for it as when they are open."""
    await broker.topics.create("t", 300, {})
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count_turns)
        for at_least in (300, 2):
            before = turns
            response = await fetch.handle(request(*(part(index) for index in range(300))), at(NAMES))
            assert len(response.responses[0].partitions) == 300
            assert turns - before >= at_least
        nursery.cancel_scope.cancel()
