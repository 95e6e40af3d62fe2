"""Deadlines that come: sessions end, and rebalances don't wait for ever."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.groups.effects import Effects, JoinAnswer
from kbroker.state.groups.group import JOIN_KEY, SYNC_KEY, Group, GroupState
from kbroker.state.groups.rebalance import GroupLimits, complete, join_deadline_reached, prepare


def tick(group: Group, now: float, limits: GroupLimits) -> Effects:
    """Let everything happen that was due until `now`."""
    for key in group.deadlines.expired(now):
        if key == JOIN_KEY:
            join_deadline_reached(group, now, limits)
        elif key == SYNC_KEY:
            _sync_deadline_reached(group, now, limits)
        else:
            _session_ended(group, key[1], now, limits)
    return group.take_effects()


def _sync_deadline_reached(group: Group, now: float, limits: GroupLimits) -> None:
    missing = list(group.pending_syncs)
    for member_id in missing:
        group.remove(member_id)
    if missing:
        prepare(group, now, limits)


def _session_ended(group: Group, member_id: str, now: float, limits: GroupLimits) -> None:
    member = group.members.get(member_id)
    if member is not None:
        waits = member_id in group.join_tokens or member_id in group.sync_tokens
        if waits and not member.is_new:
            return  # the group keeps the member waiting; its session starts anew when it is answered
        group.answer_join(member_id, JoinAnswer(ErrorCode.UNKNOWN_MEMBER_ID))
    group.remove(member_id)
    if group.state is GroupState.PREPARING_REBALANCE:
        if group.all_joined:
            complete(group, now)
    elif member is not None:
        prepare(group, now, limits)
