"""A rebalance: wait until every member has joined again, then start the next generation."""

from attrs import define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.groups.effects import SyncAnswer
from kbroker.state.groups.group import JOIN_KEY, SYNC_KEY, Group, GroupState


@define
class GroupLimits:
    """The broker's settings that bear on rebalances."""

    initial_rebalance_delay_ms: int = 0  # group.initial.rebalance.delay.ms
    max_size: int = 2**31 - 1  # group.max.size
    # A new member doesn't know its id while its JoinGroup is parked, so it can't heartbeat; if its client
    # gave up and tried anew, it would stay for ever. The time is Apache Kafka's.
    new_member_join_timeout_ms: int = 300_000


def rebalance_or_complete(group: Group, now: float, limits: GroupLimits) -> None:
    """Somebody joined or left: begin a rebalance, or see whether the one under way can be completed."""
    if group.state is GroupState.PREPARING_REBALANCE:
        complete_if_all_joined(group, now)
    else:
        prepare(group, now, limits)


def prepare(group: Group, now: float, limits: GroupLimits) -> None:
    """Begin a rebalance: members learn of it by their heartbeats and have the rebalance timeout to rejoin."""
    if group.state is GroupState.COMPLETING_REBALANCE:
        for member in group.members.values():
            member.assignment = b""
            if group.answer_sync(member.member_id, SyncAnswer(ErrorCode.REBALANCE_IN_PROGRESS)):
                group.start_session(member, now)
    group.pending_syncs.clear()
    group.deadlines.cancel(SYNC_KEY)

    group.initial = group.state is GroupState.EMPTY
    group.state = GroupState.PREPARING_REBALANCE
    if group.initial:
        _await_more_members(group, now, limits)
    elif group.all_joined:
        complete(group, now)
    else:
        group.deadlines.set(JOIN_KEY, now + group.rebalance_timeout_ms / 1000)


def complete_if_all_joined(group: Group, now: float) -> None:
    """End the first half if nobody is missing. An initial rebalance takes its time, so that more may come."""
    if group.state is GroupState.PREPARING_REBALANCE and not group.initial and group.all_joined:
        complete(group, now)


def join_deadline_reached(group: Group, now: float, limits: GroupLimits) -> None:
    """End the first half, or extend an initial rebalance if somebody came since (KIP-134)."""
    if group.initial and group.new_member_added and group.initial_delay_left_ms > 0:
        delay = min(limits.initial_rebalance_delay_ms, group.initial_delay_left_ms)
        group.new_member_added = False
        group.initial_delay_left_ms -= delay
        group.deadlines.set(JOIN_KEY, now + delay / 1000)
    else:
        complete(group, now)


def complete(group: Group, now: float) -> None:
    """Start the next generation with whoever has joined; static members are kept although they have not."""
    group.deadlines.cancel(JOIN_KEY)
    absent = [member for member in group.members.values() if member.member_id not in group.join_tokens]
    for member in absent:
        if member.group_instance_id is None:
            group.remove(member.member_id)

    if group.members and not _elect_joined_leader(group):
        # Only static members are left and none of them rejoined: wait until they do, or their sessions end.
        # At least 1 ms, as a timeout of 0 would come up again at once.
        group.deadlines.set(JOIN_KEY, now + max(group.rebalance_timeout_ms, 1) / 1000)
        return

    group.initial = False
    group.generation_id += 1
    group.choose_protocol()
    group.pending_syncs.clear()
    if not group.members:
        group.state = GroupState.EMPTY
        group.effects.save = True
        return

    group.state = GroupState.COMPLETING_REBALANCE
    for member in group.members.values():
        group.answer_join(member.member_id, group.current_generation(member.member_id))
        group.start_session(member, now)
        member.is_new = False
        group.pending_syncs.add(member.member_id)
    group.deadlines.set(SYNC_KEY, now + group.rebalance_timeout_ms / 1000)


def _await_more_members(group: Group, now: float, limits: GroupLimits) -> None:
    delay = limits.initial_rebalance_delay_ms
    if delay == 0:
        complete(group, now)
        return
    group.new_member_added = False
    group.initial_delay_left_ms = max(group.rebalance_timeout_ms - delay, 0)
    group.deadlines.set(JOIN_KEY, now + delay / 1000)


def _elect_joined_leader(group: Group) -> bool:
    if group.leader_id in group.join_tokens:
        return True
    joined = next((member_id for member_id in group.members if member_id in group.join_tokens), None)
    if joined is None:
        return False
    group.leader_id = joined
    return True
