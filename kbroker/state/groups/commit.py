"""Who may commit offsets to a group: OffsetCommit's claim, and TxnOffsetCommit's."""

from attrs import define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.validation import current_generation_member

NO_GENERATION = -1


@define
class Committer:
    """Who commits, as the request says; one without a generation is no member of the group."""

    group_id: str
    member_id: str = ""
    group_instance_id: str | None = None
    generation_id: int = NO_GENERATION


def check_commit(group: Group, committer: Committer, now: float) -> None:
    """Allow a commit and extend the member's session.

    Without a generation the caller is an admin client, or a consumer that assigns its partitions itself; it
    may commit as long as the group has no members.

    Raises KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, and REBALANCE_IN_PROGRESS for
    a member of a generation that has no assignment yet.
    """
    if committer.generation_id < 0 and group.state is GroupState.EMPTY:
        return
    member = current_generation_member(
        group, committer.member_id, committer.group_instance_id, committer.generation_id
    )
    if group.state is GroupState.COMPLETING_REBALANCE:
        raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
    group.start_session(member, now)


def check_transactional_commit(group: Group, committer: Committer) -> None:
    """Allow a commit in a transaction; a member has to show that it still is one (KIP-447).

    Without a generation, member or instance id the producer comes from before that, and may always commit. No
    session is extended.

    Raises KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION.
    """
    if committer.generation_id < 0 and group.state is GroupState.EMPTY:
        return
    named = committer.member_id or committer.group_instance_id is not None
    if committer.generation_id >= 0 or named:
        current_generation_member(
            group, committer.member_id, committer.group_instance_id, committer.generation_id
        )
