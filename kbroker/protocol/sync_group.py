"""SyncGroup (key 14): the leader hands out the assignment; every member receives its share."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class SyncGroupRequestAssignment:
    """One item of `SyncGroupRequest.assignments`."""

    member_id: str = field("string")
    assignment: bytes = field("bytes")


@message(key=14, versions="0-5", flexible="4+")
class SyncGroupRequest:
    """What the client asks."""

    group_id: str = field("string")
    generation_id: int = field("int32")
    member_id: str = field("string")
    group_instance_id: str | None = field("string", "3+", nullable="3+", default=None)
    protocol_type: str | None = field("string", "5+", nullable="5+", default=None)
    protocol_name: str | None = field("string", "5+", nullable="5+", default=None)
    assignments: list[SyncGroupRequestAssignment] = field(array_of(SyncGroupRequestAssignment))


@message(key=14, versions="0-5", flexible="4+")
class SyncGroupResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "1+")
    error_code: int = field("int16")
    protocol_type: str | None = field("string", "5+", nullable="5+", default=None)
    protocol_name: str | None = field("string", "5+", nullable="5+", default=None)
    assignment: bytes = field("bytes")
