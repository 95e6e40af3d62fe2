"""kbroker/state/groups/expiry.py"""

from kbroker.state.groups.expiry import tick
from kbroker.state.groups.group import SYNC_KEY, Group, GroupState
from kbroker.state.groups.rebalance import GroupLimits

LIMITS = GroupLimits()


def test_nothing_happens_before_its_time(stable: Group) -> None:
    effects = tick(stable, 9.99, LIMITS)
    assert list(stable.members) == ["a", "b"]
    assert not effects.save


def test_all_sessions_that_have_ended_end_at_once(stable: Group) -> None:
    effects = tick(stable, 10, LIMITS)
    assert stable.state is GroupState.EMPTY
    assert effects.save


def test_static_members_expire_too(stable: Group) -> None:
    stable.start_session(stable.members["a"], 5)
    tick(stable, 10, LIMITS)
    assert list(stable.members) == ["a"]
    assert stable.static_members == {}


def test_the_sync_deadline_spares_a_group_that_has_synced(stable: Group) -> None:
    stable.deadlines.set(SYNC_KEY, 3)
    tick(stable, 3, LIMITS)
    assert stable.state is GroupState.STABLE


def test_a_pending_member_that_never_comes_does_not_disturb(stable: Group) -> None:
    stable.pending_joins.add("p")
    stable.deadlines.set(("member", "p"), 3)
    tick(stable, 3, LIMITS)
    assert stable.state is GroupState.STABLE
    assert stable.pending_joins == set()


def test_no_rebalance_timeout_at_all_ends_all_the_same(stable: Group) -> None:
    """A client may send 0, and a static member may then be waited for again and again."""
    for member in stable.members.values():
        member.rebalance_timeout_ms = 0
    stable.remove("a")
    stable.state = GroupState.PREPARING_REBALANCE
    stable.deadlines.set(("join", ""), 1)
    tick(stable, 1, LIMITS)
    assert stable.deadlines.next() == 1.001
