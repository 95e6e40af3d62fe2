"""JoinGroup: become a member, or come back for the next generation."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.effects import Effects, JoinAnswer, SyncAnswer
from kbroker.state.groups.group import Group, GroupState, member_key
from kbroker.state.groups.member import JoinCall, Member
from kbroker.state.groups.rebalance import (
    GroupLimits,
    complete_if_all_joined,
    prepare,
    rebalance_or_complete,
)
from kbroker.state.groups.validation import current_member


def join(group: Group, call: JoinCall, now: float, limits: GroupLimits) -> Effects:
    """Let a caller in. The answer, if not among the effects, comes when the rebalance completes."""
    try:
        _join(group, call, now, limits)
    except KafkaError as error:
        # Apache Kafka repeats the caller's id in errors it foresaw.
        member_id = "" if error.code is ErrorCode.UNKNOWN_SERVER_ERROR else call.member_id
        group.effects.joins[call.token] = JoinAnswer(error.code, member_id)
    return group.take_effects()


def _join(group: Group, call: JoinCall, now: float, limits: GroupLimits) -> None:
    if not _has_room(group, call.member_id, limits):
        group.remove(call.member_id)
        group.effects.joins[call.token] = JoinAnswer(ErrorCode.GROUP_MAX_SIZE_REACHED)
        return
    names = {name for name, _ in call.protocols}
    if not group.supports(call.protocol_type, names):
        raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    if not call.member_id and call.group_instance_id is None and call.must_know_member_id:
        group.pending_joins.add(call.new_member_id)
        group.deadlines.set(member_key(call.new_member_id), now + call.session_timeout_ms / 1000)
        group.effects.joins[call.token] = JoinAnswer(ErrorCode.MEMBER_ID_REQUIRED, call.new_member_id)
    elif len(names) < len(call.protocols):
        # A protocol offered twice would spoil the vote. Apache Kafka never answers such a member.
        raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    elif call.member_id:
        _join_with_id(group, call, now, limits)
    elif call.group_instance_id is not None:
        _join_static(group, call, now, limits)
    else:
        _add(group, call.new_member_id, call, now, limits)


def _has_room(group: Group, member_id: str, limits: GroupLimits) -> bool:
    if group.state is GroupState.EMPTY:
        return True
    if group.state is GroupState.PREPARING_REBALANCE:
        # Those who have joined count, not the members: when group.max.size was lowered, the last to rejoin
        # must go.
        return member_id in group.join_tokens or len(group.join_tokens) < limits.max_size
    return member_id in group.members or len(group.members) < limits.max_size


def _join_with_id(group: Group, call: JoinCall, now: float, limits: GroupLimits) -> None:
    if call.member_id in group.pending_joins:
        if call.group_instance_id is not None:  # ids are only handed out in advance to dynamic members
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        _add(group, call.member_id, call, now, limits)
        return

    member = current_member(group, call.member_id, call.group_instance_id)
    if group.state is GroupState.PREPARING_REBALANCE:
        _update(group, member, call)
        complete_if_all_joined(group, now)
    elif member.matches(call.protocols) and (
        # Its answer may have been lost, so it is given again; but a leader that comes back to a stable
        # group has seen something the others have not, such as new partitions.
        group.state is GroupState.COMPLETING_REBALANCE or member.member_id != group.leader_id
    ):
        group.effects.joins[call.token] = group.current_generation(member.member_id)
    else:
        _update(group, member, call)
        prepare(group, now, limits)


def _join_static(group: Group, call: JoinCall, now: float, limits: GroupLimits) -> None:
    old_id = group.static_members.get(call.group_instance_id or "")
    if old_id is None:
        _add(group, call.new_member_id, call, now, limits)
        return

    # The instance has restarted. Its former self, should it still be there, is fenced (KIP-345).
    old_leader = group.leader_id
    group.answer_join(old_id, JoinAnswer(ErrorCode.FENCED_INSTANCE_ID, old_id))
    group.answer_sync(old_id, SyncAnswer(ErrorCode.FENCED_INSTANCE_ID))
    member = group.members[old_id]
    group.rename_static(member, call.new_member_id)
    group.start_session(member, now)
    _update(group, member, call)

    if group.state is GroupState.PREPARING_REBALANCE:
        complete_if_all_joined(group, now)
    elif group.state is GroupState.STABLE and group.select_protocol() == group.protocol_name:
        # Nothing changed but the id: no rebalance, only the new id must be stored before it is used.
        answer = group.current_generation(member.member_id)
        if call.may_skip_assignment:
            answer.skip_assignment = member.member_id == group.leader_id
        else:
            # Before KIP-814 a leader would assign again on being told it leads; the old id keeps it from
            # doing so.
            answer.leader = old_leader or ""
            answer.members = []
        group.answer_join(member.member_id, answer)
        group.effects.save = True
    else:
        prepare(group, now, limits)


def _add(group: Group, member_id: str, call: JoinCall, now: float, limits: GroupLimits) -> None:
    member = Member.joining(member_id, call)
    if group.initial:
        group.new_member_added = True
    group.add(member)
    group.join_tokens[member_id] = call.token
    group.start_session(member, now, limits.new_member_join_timeout_ms)
    rebalance_or_complete(group, now, limits)


def _update(group: Group, member: Member, call: JoinCall) -> None:
    group.replace_protocols(member, call.protocols)
    member.rebalance_timeout_ms = call.rebalance_timeout_ms
    member.session_timeout_ms = call.session_timeout_ms
    group.join_tokens[member.member_id] = call.token
