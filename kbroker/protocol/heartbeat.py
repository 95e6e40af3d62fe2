"""Heartbeat (key 12): a group member says it is alive and learns of rebalances."""

from kbroker.protocol.schema import field, message


@message(key=12, versions="0-4", flexible="4+")
class HeartbeatRequest:
    """What the client asks."""

    group_id: str = field("string")
    generation_id: int = field("int32")
    member_id: str = field("string")
    group_instance_id: str | None = field("string", "3+", nullable="3+", default=None)


@message(key=12, versions="0-4", flexible="4+")
class HeartbeatResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "1+")
    error_code: int = field("int16")
