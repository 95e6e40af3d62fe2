"""Heartbeat: a member is alive, and hears whether it must rejoin."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.validation import current_generation_member


def heartbeat(
    group: Group, member_id: str, group_instance_id: str | None, generation_id: int, now: float
) -> None:
    """Extend a member's session.

    Raises KafkaError REBALANCE_IN_PROGRESS (the session is extended all the same), UNKNOWN_MEMBER_ID,
    FENCED_INSTANCE_ID, ILLEGAL_GENERATION.
    """
    member = current_generation_member(group, member_id, group_instance_id, generation_id)
    group.start_session(member, now)
    if group.state is GroupState.PREPARING_REBALANCE:
        raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
