"""kbroker/state/groups/leave.py"""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.groups.effects import JoinAnswer, SyncAnswer
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.leave import Leaving, leave
from kbroker.state.groups.rebalance import GroupLimits

LIMITS = GroupLimits()


def test_all_leave_in_one_rebalance(stable: Group) -> None:
    leaving = [Leaving("a"), Leaving("", "i"), Leaving("a")]
    effects = leave(stable, leaving, 0, LIMITS)
    assert [one.error_code for one in leaving] == [
        ErrorCode.NONE,
        ErrorCode.NONE,
        ErrorCode.UNKNOWN_MEMBER_ID,
    ]
    assert (stable.state, stable.generation_id) == (GroupState.EMPTY, 8)
    assert effects.save


def test_nobody_leaves_nothing_changes(stable: Group) -> None:
    leaving = [Leaving("x"), Leaving(""), Leaving("", "x"), Leaving("a", "i")]
    effects = leave(stable, leaving, 0, LIMITS)
    assert [one.error_code for one in leaving] == [
        ErrorCode.UNKNOWN_MEMBER_ID,
        ErrorCode.UNKNOWN_MEMBER_ID,
        ErrorCode.UNKNOWN_MEMBER_ID,
        ErrorCode.FENCED_INSTANCE_ID,
    ]
    assert stable.state is GroupState.STABLE
    assert not effects.save


def test_calls_that_wait_are_answered(stable: Group) -> None:
    stable.state = GroupState.COMPLETING_REBALANCE
    stable.sync_tokens["b"] = 1
    stable.join_tokens["a"] = 2
    effects = leave(stable, [Leaving("b"), Leaving("a")], 0, LIMITS)
    assert effects.syncs == {1: SyncAnswer(ErrorCode.UNKNOWN_MEMBER_ID)}
    assert effects.joins == {2: JoinAnswer(ErrorCode.UNKNOWN_MEMBER_ID)}


def test_the_last_one_to_wait_for_completes_the_rebalance_by_leaving(stable: Group) -> None:
    stable.state = GroupState.PREPARING_REBALANCE
    stable.join_tokens["a"] = 1
    effects = leave(stable, [Leaving("b")], 0, LIMITS)
    assert effects.joins[1].generation_id == 8


def test_an_initial_rebalance_is_not_cut_short(stable: Group) -> None:
    stable.state = GroupState.PREPARING_REBALANCE
    stable.initial = True
    stable.join_tokens["a"] = 1
    assert leave(stable, [Leaving("b")], 0, LIMITS).joins == {}
