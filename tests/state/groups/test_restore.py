"""kbroker/state/groups/restore.py"""

from kbroker.state.groups.expiry import tick
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.member import Member
from kbroker.state.groups.rebalance import GroupLimits
from kbroker.state.groups.restore import restore
from kbroker.state.groups.stored import encode_group


def saved(members: int) -> bytes:
    group = Group("g", GroupState.STABLE, generation_id=7)
    for number in range(members):
        group.add(Member(f"m{number}", None, "c", "/h", 6000, 9000, "consumer", [("range", b"")], b"A"))
    group.protocol_name = "range"
    return encode_group(group)


def test_sessions_start_anew() -> None:
    limits = GroupLimits()
    group = restore("g", saved(1), now=100, limits=limits)
    assert group.state is GroupState.STABLE
    tick(group, 105.9, limits)
    assert list(group.members) == ["m0"]
    tick(group, 106, limits)
    assert not group.members


def test_a_group_that_has_become_too_large_must_rejoin() -> None:
    group = restore("g", saved(3), now=100, limits=GroupLimits(max_size=2))
    assert group.state is GroupState.PREPARING_REBALANCE


def test_a_group_with_offsets_only() -> None:
    group = restore("g", None, now=100, limits=GroupLimits())
    assert (group.state, group.protocol_type) == (GroupState.EMPTY, None)
