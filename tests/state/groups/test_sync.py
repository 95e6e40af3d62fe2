"""kbroker/state/groups/sync.py: what the conversations leave out."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.groups.effects import Effects, JoinAnswer, SyncAnswer
from kbroker.state.groups.group import SYNC_KEY, Group, GroupState
from kbroker.state.groups.rebalance import GroupLimits
from kbroker.state.groups.sync import SyncCall, assignment_not_stored, sync


def call(member_id: str, instance: str | None = None, **assignments: bytes) -> SyncCall:
    return SyncCall(member_id, instance, 7, None, None, assignments, token=1 if member_id == "a" else 2)


def test_members_the_leader_forgot_get_nothing_and_strangers_are_ignored(stable: Group) -> None:
    stable.state = GroupState.COMPLETING_REBALANCE
    assert sync(stable, call("b", "i"), 0).syncs == {}
    effects = sync(stable, call("a", a=b"mine", stranger=b"x"), 0)
    assert effects.save
    assert effects.syncs == {
        1: SyncAnswer(ErrorCode.NONE, "consumer", "range", b"mine"),
        2: SyncAnswer(ErrorCode.NONE, "consumer", "range", b""),
    }


def test_the_deadline_goes_when_the_last_one_has_synced(stable: Group) -> None:
    stable.pending_syncs = {"a", "b"}
    stable.deadlines.set(SYNC_KEY, 1)
    sync(stable, call("a"), 0)
    assert stable.deadlines.next() == 1
    sync(stable, call("b", "i"), 0)
    assert stable.deadlines.next() == 10


def test_what_could_not_be_stored_is_taken_back(stable: Group) -> None:
    effects = Effects(
        joins={1: JoinAnswer(), 2: JoinAnswer(ErrorCode.FENCED_INSTANCE_ID)},
        syncs={3: SyncAnswer(assignment=b"x"), 4: SyncAnswer(ErrorCode.FENCED_INSTANCE_ID)},
        save=True,
    )
    instead = assignment_not_stored(stable, effects, 0, GroupLimits())
    assert {token: answer.error_code for token, answer in instead.joins.items()} == {
        1: ErrorCode.NOT_COORDINATOR,
        2: ErrorCode.FENCED_INSTANCE_ID,
    }
    assert instead.syncs == {
        3: SyncAnswer(ErrorCode.NOT_COORDINATOR),
        4: SyncAnswer(ErrorCode.FENCED_INSTANCE_ID),
    }
    assert not instead.save
    assert stable.state is GroupState.PREPARING_REBALANCE


def test_an_empty_group_that_could_not_be_stored_stays_empty() -> None:
    group = Group("g")
    assert assignment_not_stored(group, Effects(save=True), 0, GroupLimits()) == Effects()
    assert group.state is GroupState.EMPTY
