"""Whether a caller is the member it says it is."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.group import Group
from kbroker.state.groups.member import Member


def current_member(group: Group, member_id: str, group_instance_id: str | None) -> Member:
    """The member with this id.

    Raises KafkaError: UNKNOWN_MEMBER_ID; FENCED_INSTANCE_ID when another has taken the instance's place
    (KIP-345).
    """
    if group_instance_id is not None:
        owner = group.static_members.get(group_instance_id)
        if owner is None:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        if owner != member_id:
            raise KafkaError(ErrorCode.FENCED_INSTANCE_ID)
    member = group.members.get(member_id)
    if member is None:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    return member


def current_generation_member(
    group: Group, member_id: str, group_instance_id: str | None, generation_id: int
) -> Member:
    """As `current_member`. Raises KafkaError ILLEGAL_GENERATION, too."""
    member = current_member(group, member_id, group_instance_id)
    if generation_id != group.generation_id:
        raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
    return member
