"""LeaveGroup: members go, or an administrator has static members removed by their instance id."""

from collections.abc import Iterable

from attrs import define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.effects import Effects, JoinAnswer, SyncAnswer
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.rebalance import GroupLimits, complete_if_all_joined, prepare
from kbroker.state.groups.validation import current_member


@define
class Leaving:
    """One who should leave; no member id means whoever has the instance id. `error_code` is the outcome."""

    member_id: str
    group_instance_id: str | None = None
    error_code: ErrorCode = ErrorCode.NONE


def leave(group: Group, leaving: Iterable[Leaving], now: float, limits: GroupLimits) -> Effects:
    """Remove members, and rebalance once if any of them was there. Sets each one's `error_code`."""
    anyone_left = False
    for one in leaving:
        try:
            _remove(group, one)
        except KafkaError as error:
            one.error_code = error.code
        else:
            anyone_left = True
    if anyone_left:
        if group.state in (GroupState.STABLE, GroupState.COMPLETING_REBALANCE):
            prepare(group, now, limits)
        else:
            complete_if_all_joined(group, now)
    return group.take_effects()


def _remove(group: Group, one: Leaving) -> None:
    if not one.member_id:
        member_id = group.static_members.get(one.group_instance_id or "")
        if member_id is None or one.group_instance_id is None:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    elif one.member_id in group.pending_joins:
        member_id = one.member_id
    else:
        member_id = current_member(group, one.member_id, one.group_instance_id).member_id
    # A member may leave while a call of its is parked; this makes a consumer that is still there try again.
    group.answer_join(member_id, JoinAnswer(ErrorCode.UNKNOWN_MEMBER_ID))
    group.answer_sync(member_id, SyncAnswer(ErrorCode.UNKNOWN_MEMBER_ID))
    group.remove(member_id)
