"""LeaveGroup (key 13): members leave a group at once instead of by timeout."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class MemberIdentity:
    """One item of `LeaveGroupRequest.members`."""

    member_id: str = field("string", "3+")
    group_instance_id: str | None = field("string", "3+", nullable="3+", default=None)
    reason: str | None = field("string", "5+", nullable="5+", default=None)


@message(key=13, versions="0-5", flexible="4+")
class LeaveGroupRequest:
    """What the client asks."""

    group_id: str = field("string")
    member_id: str = field("string", "0-2")
    members: list[MemberIdentity] = field(array_of(MemberIdentity), "3+")


@struct
class MemberResponse:
    """One item of `LeaveGroupResponse.members`."""

    member_id: str = field("string", "3+")
    group_instance_id: str | None = field("string", "3+", nullable="3+")
    error_code: int = field("int16", "3+")


@message(key=13, versions="0-5", flexible="4+")
class LeaveGroupResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "1+")
    error_code: int = field("int16")
    members: list[MemberResponse] = field(array_of(MemberResponse), "3+")
