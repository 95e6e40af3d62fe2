"""DescribeGroups (key 15): state and members of classic groups."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=15, versions="0-6", flexible="5+")
class DescribeGroupsRequest:
    """What the client asks."""

    groups: list[str] = field(array_of("string"))
    include_authorized_operations: bool = field("bool", "3+")


@struct
class DescribedGroupMember:
    """One item of `DescribedGroup.members`."""

    member_id: str = field("string")
    group_instance_id: str | None = field("string", "4+", nullable="4+", default=None)
    client_id: str = field("string")
    client_host: str = field("string")
    member_metadata: bytes = field("bytes")
    member_assignment: bytes = field("bytes")


@struct
class DescribedGroup:
    """One item of `DescribeGroupsResponse.groups`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", "6+", nullable="6+", default=None)
    group_id: str = field("string")
    group_state: str = field("string")
    protocol_type: str = field("string")
    protocol_data: str = field("string")
    members: list[DescribedGroupMember] = field(array_of(DescribedGroupMember))
    authorized_operations: int = field("int32", "3+", default=-2147483648)


@message(key=15, versions="0-6", flexible="5+")
class DescribeGroupsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "1+")
    groups: list[DescribedGroup] = field(array_of(DescribedGroup))
