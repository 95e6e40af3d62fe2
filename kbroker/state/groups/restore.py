"""A group comes back after a restart of its broker."""

from kbroker.state.groups.group import Group
from kbroker.state.groups.rebalance import GroupLimits, prepare
from kbroker.state.groups.stored import decode_group


def restore(group_id: str, state: bytes | None, now: float, limits: GroupLimits) -> Group:
    """The group as it was saved, with its members' sessions started; None is a group that only has offsets.

    Its members go on in the same generation, unless group.max.size now is lower than their number: then
    they are made to rejoin, and the last ones don't find room. Raises ProtocolError.
    """
    if state is None:
        return Group(group_id)
    group = decode_group(group_id, state)
    for member in group.members.values():
        group.start_session(member, now)
    if len(group.members) > limits.max_size:
        prepare(group, now, limits)
    return group
