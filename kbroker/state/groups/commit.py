"""OffsetCommit's claim on the group: who may commit."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.validation import current_generation_member


def check_commit(
    group: Group, member_id: str, group_instance_id: str | None, generation_id: int, now: float
) -> None:
    """Allow a commit and extend the member's session.

    Without a generation (-1) the caller is an admin client, or a consumer that assigns its partitions itself; it
    may commit as long as the group has no members.

    Raises KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, and REBALANCE_IN_PROGRESS for a
    member of a generation that has no assignment yet.
    """
    if generation_id < 0 and group.state is GroupState.EMPTY:
        return
    member = current_generation_member(group, member_id, group_instance_id, generation_id)
    if group.state is GroupState.COMPLETING_REBALANCE:
        raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
    group.start_session(member, now)
