"""kbroker/state/groups/rebalance.py: what the conversations leave out."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.groups.effects import SyncAnswer
from kbroker.state.groups.group import JOIN_KEY, SYNC_KEY, Group, GroupState
from kbroker.state.groups.member import Member
from kbroker.state.groups.rebalance import GroupLimits, complete, join_deadline_reached, prepare

LIMITS = GroupLimits()


def test_parked_syncs_are_cut_short_and_their_sessions_start_anew(stable: Group) -> None:
    stable.state = GroupState.COMPLETING_REBALANCE
    stable.sync_tokens["b"] = 1
    stable.pending_syncs = {"a"}
    stable.deadlines.set(SYNC_KEY, 60)
    for member_id in ("a", "b"):
        stable.deadlines.cancel(("member", member_id))
    prepare(stable, 20, LIMITS)
    assert stable.take_effects().syncs == {1: SyncAnswer(ErrorCode.REBALANCE_IN_PROGRESS)}
    assert stable.pending_syncs == set()
    assert [member.assignment for member in stable.members.values()] == [b"", b""]
    assert stable.deadlines.next() == 30
    stable.deadlines.cancel(("member", "b"))
    assert stable.deadlines.next() == 80  # the rebalance's, of a minute


def test_only_static_members_left_and_none_rejoined(stable: Group) -> None:
    stable.remove("a")
    stable.state = GroupState.PREPARING_REBALANCE
    complete(stable, 100)
    assert (stable.state, stable.generation_id) == (GroupState.PREPARING_REBALANCE, 7)
    stable.deadlines.cancel(("member", "b"))
    assert stable.deadlines.next() == 160


def test_the_leader_is_replaced_if_it_has_not_rejoined(stable: Group) -> None:
    stable.state = GroupState.PREPARING_REBALANCE
    stable.remove("a")
    stable.add(Member("d", None, "c", "/h", 1000, 1000, "consumer", [("range", b"")], is_new=True))
    stable.join_tokens["d"] = 1
    complete(stable, 0)
    assert stable.leader_id == "d"
    assert list(stable.members) == ["b", "d"]  # static b is kept, although absent
    assert not stable.members["d"].is_new


def test_the_initial_delay_is_extended_up_to_the_rebalance_timeout() -> None:
    limits = GroupLimits(initial_rebalance_delay_ms=3000)
    group = Group("g")
    group.add(Member("a", None, "c", "/h", 10_000, 4000, "consumer", [("range", b"")]))
    group.join_tokens["a"] = 1
    prepare(group, 0, limits)
    assert (group.deadlines.next(), group.initial_delay_left_ms) == (3, 1000)
    group.new_member_added = True
    join_deadline_reached(group, 3, limits)
    assert (group.deadlines.next(), group.initial_delay_left_ms) == (4, 0)
    group.new_member_added = True
    group.deadlines.cancel(JOIN_KEY)
    join_deadline_reached(group, 4, limits)
    assert group.state is GroupState.COMPLETING_REBALANCE
