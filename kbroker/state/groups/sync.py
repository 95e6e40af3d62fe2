"""SyncGroup: the leader hands in the assignment, and every member gets its part."""

from collections.abc import Mapping

from attrs import define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.effects import Effects, SyncAnswer, Token
from kbroker.state.groups.group import SYNC_KEY, Group, GroupState
from kbroker.state.groups.rebalance import GroupLimits, prepare
from kbroker.state.groups.validation import current_generation_member


@define
class SyncCall:
    """A SyncGroup request; `assignments` by member id, empty unless the leader calls.

    The answer will bear `token`.
    """

    member_id: str
    group_instance_id: str | None
    generation_id: int
    protocol_type: str | None
    protocol_name: str | None
    assignments: Mapping[str, bytes]
    token: Token = 0


def sync(group: Group, call: SyncCall, now: float) -> Effects:
    """Take a member's call. The answer, if not among the effects, comes with the leader's assignment."""
    try:
        _sync(group, call, now)
    except KafkaError as error:
        group.effects.syncs[call.token] = SyncAnswer(error.code)
    return group.take_effects()


def _sync(group: Group, call: SyncCall, now: float) -> None:
    if group.state is GroupState.EMPTY:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    member = current_generation_member(group, call.member_id, call.group_instance_id, call.generation_id)
    if _differ(call.protocol_type, group.protocol_type) or _differ(call.protocol_name, group.protocol_name):
        raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    if group.state is GroupState.PREPARING_REBALANCE:
        raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)

    group.pending_syncs.discard(member.member_id)
    if not group.pending_syncs:
        group.deadlines.cancel(SYNC_KEY)
    if group.state is GroupState.STABLE:
        group.effects.syncs[call.token] = _answer(group, member.assignment)
        return
    group.sync_tokens[member.member_id] = call.token
    if member.member_id == group.leader_id:
        _assign(group, call.assignments, now)


def assignment_not_stored(group: Group, effects: Effects, now: float, limits: GroupLimits) -> Effects:
    """Take back what `effects`, which could not be saved, would have told the members; they will rejoin.

    Nothing has been answered yet; what is now due instead is returned.
    """
    for join in effects.joins.values():
        if join.error_code is ErrorCode.NONE:
            join.error_code = ErrorCode.NOT_COORDINATOR
    for token, answer in effects.syncs.items():
        if answer.error_code is ErrorCode.NONE:
            effects.syncs[token] = SyncAnswer(ErrorCode.NOT_COORDINATOR)
    if group.state is GroupState.STABLE:
        prepare(group, now, limits)
    more = group.take_effects()
    return Effects(effects.joins | more.joins, effects.syncs | more.syncs)


def _assign(group: Group, assignments: Mapping[str, bytes], now: float) -> None:
    group.state = GroupState.STABLE
    group.effects.save = True
    for member in group.members.values():
        member.assignment = assignments.get(member.member_id, b"")
        if group.answer_sync(member.member_id, _answer(group, member.assignment)):
            group.start_session(member, now)


def _answer(group: Group, assignment: bytes) -> SyncAnswer:
    return SyncAnswer(ErrorCode.NONE, group.protocol_type, group.protocol_name, assignment)


def _differ(theirs: str | None, ours: str | None) -> bool:
    return theirs is not None and ours is not None and theirs != ours
