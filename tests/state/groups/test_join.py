"""kbroker/state/groups/join.py: what the conversations leave out."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.groups.effects import JoinAnswer
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.join import join
from kbroker.state.groups.member import JoinCall
from kbroker.state.groups.rebalance import GroupLimits

LIMITS = GroupLimits()


def call(member_id: str = "", instance: str | None = None, **other: object) -> JoinCall:
    made = JoinCall(
        member_id, instance, "c", "/h", 10_000, 60_000, "consumer", [("range", b"")], "new", token=1
    )
    for name, value in other.items():
        setattr(made, name, value)
    return made


def test_a_pending_member_cannot_turn_static() -> None:
    """Apache Kafka fails on it without repeating the member id."""
    group = Group("g")
    join(group, call(must_know_member_id=True), 0, LIMITS)
    effects = join(group, call("new", "i"), 0, LIMITS)
    assert effects.joins == {1: JoinAnswer(ErrorCode.UNKNOWN_SERVER_ERROR)}
    assert group.pending_joins == {"new"}


def test_a_retry_of_a_parked_join_takes_its_place(stable: Group) -> None:
    join(stable, call("a", token=5), 0, LIMITS)
    join(stable, call("a", token=6), 0, LIMITS)
    assert stable.join_tokens == {"a": 6}
    assert stable.state is GroupState.PREPARING_REBALANCE


def test_timeouts_are_those_of_the_last_join(stable: Group) -> None:
    join(stable, call("a", session_timeout_ms=7000, rebalance_timeout_ms=5), 0, LIMITS)
    member = stable.members["a"]
    assert (member.session_timeout_ms, member.rebalance_timeout_ms) == (7000, 5)


def test_a_follower_with_nothing_new_changes_nothing(stable: Group) -> None:
    effects = join(stable, call("b", "i", rebalance_timeout_ms=5), 0, LIMITS)
    assert effects.joins[1].generation_id == 7
    assert stable.members["b"].rebalance_timeout_ms == 60_000


def test_a_static_follower_that_restarts_in_a_stable_group_is_only_saved(stable: Group) -> None:
    effects = join(stable, call(instance="i", may_skip_assignment=True), 0, LIMITS)
    assert effects.save
    answer = effects.joins[1]
    assert (answer.member_id, answer.leader, answer.skip_assignment) == ("new", "a", False)
    assert stable.state is GroupState.STABLE
    assert stable.members["new"].assignment == b"A"


def test_a_member_without_room_is_removed(stable: Group) -> None:
    stable.state = GroupState.PREPARING_REBALANCE
    stable.join_tokens["a"] = 9
    effects = join(stable, call("b", "i"), 0, GroupLimits(max_size=1))
    assert effects.joins == {1: JoinAnswer(ErrorCode.GROUP_MAX_SIZE_REACHED)}
    assert list(stable.members) == ["a"]
