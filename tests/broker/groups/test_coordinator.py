"""kbroker/broker/groups/coordinator.py"""

from typing import TYPE_CHECKING, Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from kbroker.broker.groups import GroupCoordinator
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer
from kbroker.state.groups.group import GroupState
from kbroker.state.groups.leave import Leaving
from kbroker.state.groups.records import group_key
from kbroker.state.groups.stored import decode_group
from kbroker.state.groups.sync import SyncCall
from kbroker.state.offsets import CommittedOffset
from kbroker.storage.interfaces.groups import StoredGroup

if TYPE_CHECKING:
    from kbroker.state.groups.effects import JoinAnswer, SyncAnswer

Bench = Any  # what conftest.py makes
TOPIC_ID = bytes(range(16))


def state(groups: GroupCoordinator) -> GroupState:
    group = groups.get("g")
    assert group is not None
    return group.state


async def test_a_lone_member_is_never_parked(bench: Bench) -> None:
    groups = bench.coordinator()
    await bench.lone_member(groups)
    assert state(groups) is GroupState.STABLE
    assert bench.waits == 0


async def test_joins_are_parked_until_all_are_there_and_syncs_until_the_leader_has_assigned(
    bench: Bench, autojump_clock: MockClock
) -> None:
    groups = bench.coordinator()
    first = await bench.lone_member(groups)
    answers: dict[str, JoinAnswer | SyncAnswer] = {}

    async def second() -> None:
        joined = answers["join"] = await bench.join(groups)
        answers["sync"] = await bench.sync(groups, joined, {})

    async with trio.open_nursery() as nursery:
        nursery.start_soon(second)
        await wait_all_tasks_blocked()
        assert bench.waits == 1
        assert answers == {}
        with pytest.raises(KafkaError, match="REBALANCE_IN_PROGRESS"):
            groups.heartbeat("g", first.member_id, None, 1)
        again = await bench.join(groups, first.member_id)
        await wait_all_tasks_blocked()
        assert bench.waits == 2
        assert list(answers) == ["join"]
        other = answers["join"].member_id
        mine = await bench.sync(groups, again, {first.member_id: b"A", other: b"B"})
        assert mine.assignment == b"A"
    assert answers["sync"].assignment == b"B"


@pytest.mark.parametrize("_again", range(10))  # tasks that are ready at once run in no particular order
async def test_who_ends_the_waiting_of_others_is_answered_last(bench: Bench, _again: int) -> None:
    groups = bench.coordinator()
    first = await bench.lone_member(groups)
    order: list[str] = []

    async def second() -> None:
        joined = await bench.join(groups)
        order.append(joined.member_id)
        await bench.sync(groups, joined, {})
        order.append(joined.member_id)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(second)
        await wait_all_tasks_blocked()
        again = await bench.join(groups, first.member_id)
        order.append(first.member_id)
        await wait_all_tasks_blocked()
        await bench.sync(groups, again, {first.member_id: b"A", order[0]: b"B"})
        order.append(first.member_id)
    other = order[0]
    assert order == [other, first.member_id, other, first.member_id]
    assert other != first.member_id


async def test_an_answer_to_a_caller_that_has_gone_is_dropped(bench: Bench) -> None:
    groups = bench.coordinator()
    first = await bench.lone_member(groups)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.join, groups)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    joined = await bench.join(groups, first.member_id)
    assert len(joined.members) == 2  # as with Apache Kafka the one that hung up stays until its session ends


async def test_one_task_serves_the_deadlines_of_all_groups(bench: Bench, autojump_clock: MockClock) -> None:
    groups = bench.coordinator()
    async with trio.open_nursery() as nursery:
        await nursery.start(groups.run)
        await bench.lone_member(groups)
        tasks = trio.lowlevel.current_statistics().tasks_living
        await trio.sleep(9.9)
        assert state(groups) is GroupState.STABLE
        await trio.sleep(0.2)
        assert state(groups) is GroupState.EMPTY
        assert trio.lowlevel.current_statistics().tasks_living == tasks
        nursery.cancel_scope.cancel()


async def test_heartbeats_put_the_end_off(bench: Bench, autojump_clock: MockClock) -> None:
    groups = bench.coordinator()
    async with trio.open_nursery() as nursery:
        await nursery.start(groups.run)
        joined = await bench.lone_member(groups)
        for _ in range(10):
            await trio.sleep(9)
            groups.heartbeat("g", joined.member_id, None, 1)
        await trio.sleep(9)
        assert state(groups) is GroupState.STABLE
        await trio.sleep(1.5)
        assert state(groups) is GroupState.EMPTY
        nursery.cancel_scope.cancel()


async def test_a_shorter_deadline_wakes_the_timer_earlier(bench: Bench, autojump_clock: MockClock) -> None:
    groups = bench.coordinator()
    async with trio.open_nursery() as nursery:
        await nursery.start(groups.run)
        await bench.lone_member(groups)
        await trio.sleep(1)

        async def hasty() -> None:
            answer = await bench.join(groups, session_ms=6000)
            assert answer.error_code is ErrorCode.NONE  # at 10 s, when the first one's session has ended
            await trio.sleep(6.1)
            assert state(groups) is GroupState.EMPTY
            nursery.cancel_scope.cancel()

        nursery.start_soon(hasty)


async def test_a_group_survives_a_restart_in_the_same_generation(
    bench: Bench, autojump_clock: MockClock
) -> None:
    joined = await bench.lone_member(bench.coordinator())

    groups = bench.coordinator()
    await groups.load()
    assert state(groups) is GroupState.STABLE
    groups.heartbeat("g", joined.member_id, None, joined.generation_id)
    assert (await bench.sync(groups, joined, {})).assignment == b"all"
    async with trio.open_nursery() as nursery:
        await nursery.start(groups.run)
        await trio.sleep(10.1)
        assert state(groups) is GroupState.EMPTY
        nursery.cancel_scope.cancel()


async def test_members_that_cannot_be_read_cost_the_members_but_not_the_offsets(bench: Bench) -> None:
    offset = CommittedOffset(1, 0, "", 0, -1, TOPIC_ID)
    bench.store.groups["g"] = StoredGroup("g", b"junk", {("t", 0): offset})
    groups = bench.coordinator()
    await groups.load()
    group = groups.get("g")
    assert group is not None
    assert group.offsets.get("t", 0) == offset
    assert not group.members


async def test_offsets_in_topics_that_are_gone_are_not_loaded(bench: Bench) -> None:
    bench.store.groups["g"] = StoredGroup("g", None, {("t", 0): CommittedOffset(1, 0, "", 0, -1, bytes(16))})
    groups = bench.coordinator()
    await groups.load()
    group = groups.get("g")
    assert group is not None
    assert not group.offsets
    assert bench.store.groups["g"].offsets == {}


async def test_an_assignment_that_cannot_be_stored_is_taken_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    groups = bench.coordinator()
    joined = await bench.join(groups)
    bench.store.broken = True
    answer = await bench.sync(groups, joined, {joined.member_id: b"all"})
    assert answer.error_code is ErrorCode.NOT_COORDINATOR
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert state(groups) is GroupState.PREPARING_REBALANCE
    bench.store.broken = False
    again = await bench.join(groups, joined.member_id)
    assert again.generation_id == 2
    assert (await bench.sync(groups, again, {joined.member_id: b"x"})).assignment == b"x"


async def test_a_name_that_cannot_be_stored_leaves_nobody_waiting(bench: Bench) -> None:
    groups = bench.coordinator()
    bench.ids = iter(["x" * 0x8000])
    joined = await bench.join(groups)
    answer = await bench.sync(groups, joined, {joined.member_id: b"all"})
    assert answer.error_code is ErrorCode.NOT_COORDINATOR


async def test_a_leader_cut_off_while_its_assignment_is_stored_leaves_nobody_waiting(
    bench: Bench, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_open(self: object, group_id: str) -> None: ...

    groups = bench.coordinator()
    leader = await bench.lone_member(groups)
    answers: list[SyncAnswer] = []

    async def follow() -> None:
        joined = await bench.join(groups)
        answers.append(await bench.sync(groups, joined, {}))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow)
        await wait_all_tasks_blocked()
        again = await bench.join(groups, leader.member_id)
        await wait_all_tasks_blocked()
        monkeypatch.setattr(type(bench.changelog), "open", is_open)
        with trio.CancelScope() as scope:
            scope.cancel()
            await bench.sync(groups, again, {"member-1": b"part"})
        nursery.cancel_scope.deadline = trio.current_time() + 1
    assert answers[0].assignment == b"part"


async def test_what_is_stored_is_the_group_as_it_was_when_the_leader_assigned(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening the log that is told of it, at first need, lets others in; one that joined would have no assignment."""
    groups = bench.coordinator()
    joined = await bench.join(groups)
    opening, opened = trio.Event(), trio.Event()

    async def open_slowly(self: object, group_id: str) -> None:
        opening.set()
        await opened.wait()

    monkeypatch.setattr(type(bench.changelog), "open", open_slowly)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.sync, groups, joined, {joined.member_id: b"all"})
        await opening.wait()
        nursery.start_soon(bench.join, groups)
        await wait_all_tasks_blocked()
        opened.set()
        await wait_all_tasks_blocked()
        stored = bench.store.groups["g"].state
        assert stored is not None
        for member in decode_group("g", stored).members.values():
            assert member.assignment
        nursery.cancel_scope.cancel()


async def test_who_calls_a_group_that_does_not_exist(bench: Bench) -> None:
    groups = bench.coordinator()
    assert (await bench.join(groups, "m")).error_code is ErrorCode.UNKNOWN_MEMBER_ID
    sync = await groups.sync("g", SyncCall("m", None, 1, None, None, {}), bench)
    assert sync.error_code is ErrorCode.UNKNOWN_MEMBER_ID
    leaving = [Leaving("m"), Leaving("", "i")]
    await groups.leave("g", leaving)
    assert [one.error_code for one in leaving] == [ErrorCode.UNKNOWN_MEMBER_ID] * 2
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        groups.heartbeat("g", "m", None, 1)
    with pytest.raises(KafkaError, match="GROUP_ID_NOT_FOUND"):
        await groups.delete("g")
    assert groups.get("g") is None


async def test_a_group_is_deleted_once_it_is_empty(bench: Bench) -> None:
    groups = bench.coordinator()
    joined = await bench.lone_member(groups)
    with pytest.raises(KafkaError, match="NON_EMPTY_GROUP"):
        await groups.delete("g")
    await groups.leave("g", [Leaving(joined.member_id)])
    await groups.delete("g")
    assert groups.get("g") is None
    assert bench.store.groups == {}


async def test_members_keep_their_session_by_committing(bench: Bench, autojump_clock: MockClock) -> None:
    groups = bench.coordinator()
    async with trio.open_nursery() as nursery:
        await nursery.start(groups.run)
        joined = await bench.lone_member(groups)
        for _ in range(3):
            await trio.sleep(9)
            await groups.offsets.commit(Committer("g", joined.member_id, None, 1), {})
        assert state(groups) is GroupState.STABLE
        nursery.cancel_scope.cancel()


async def test_the_topic_is_told_of_each_generation_and_of_a_new_group(bench: Bench) -> None:
    groups = bench.coordinator()
    joined = await bench.lone_member(groups)
    await groups.leave("g", [Leaving(joined.member_id)])
    assert {key for _, (key, _) in bench.changelog.appended} == {group_key("g")}
    told = [decode_group("g", value) for _, (_, value) in bench.changelog.appended]
    assert [(group.generation_id, group.protocol_type, len(group.members)) for group in told] == [
        (0, None, 0),
        (1, "consumer", 1),
        (2, "consumer", 0),
    ]
    assert bench.store.groups["g"].state == bench.changelog.appended[-1][1][1]


async def test_a_new_group_that_cannot_be_stored_can_be_joined_all_the_same(bench: Bench) -> None:
    bench.store.broken = True
    joined = await bench.join(bench.coordinator())
    assert joined.generation_id == 1
    assert bench.changelog.appended == []


async def test_all_groups_go_with_the_topic_that_tells_of_them(bench: Bench) -> None:
    groups = bench.coordinator()
    joined = await bench.lone_member(groups)
    waiting: list[JoinAnswer] = []

    async def join() -> None:
        waiting.append(await bench.join(groups))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(join)
        await wait_all_tasks_blocked()
        await groups.topic_deleted("__consumer_offsets")
    assert [answer.error_code for answer in waiting] == [ErrorCode.NOT_COORDINATOR]
    assert (list(groups.all()), bench.store.groups) == ([], {})
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        groups.heartbeat("g", joined.member_id, None, joined.generation_id)
