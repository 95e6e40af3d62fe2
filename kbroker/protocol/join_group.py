"""JoinGroup (key 11): become a member of a classic consumer group and learn who leads the new generation."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class JoinGroupRequestProtocol:
    """One item of `JoinGroupRequest.protocols`."""

    name: str = field("string")
    metadata: bytes = field("bytes")


@message(key=11, versions="0-9", flexible="6+")
class JoinGroupRequest:
    """What the client asks."""

    group_id: str = field("string")
    session_timeout_ms: int = field("int32")
    rebalance_timeout_ms: int = field("int32", "1+", default=-1)
    member_id: str = field("string")
    group_instance_id: str | None = field("string", "5+", nullable="5+", default=None)
    protocol_type: str = field("string")
    protocols: list[JoinGroupRequestProtocol] = field(array_of(JoinGroupRequestProtocol))
    reason: str | None = field("string", "8+", nullable="8+", default=None)


@struct
class JoinGroupResponseMember:
    """One item of `JoinGroupResponse.members`."""

    member_id: str = field("string")
    group_instance_id: str | None = field("string", "5+", nullable="5+", default=None)
    metadata: bytes = field("bytes")


@message(key=11, versions="0-9", flexible="6+")
class JoinGroupResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "2+")
    error_code: int = field("int16")
    generation_id: int = field("int32", default=-1)
    protocol_type: str | None = field("string", "7+", nullable="7+", default=None)
    protocol_name: str | None = field("string", nullable="7+")
    leader: str = field("string")
    skip_assignment: bool = field("bool", "9+")
    member_id: str = field("string")
    members: list[JoinGroupResponseMember] = field(array_of(JoinGroupResponseMember))
