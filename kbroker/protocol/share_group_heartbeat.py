"""ShareGroupHeartbeat (key 76): membership, subscription and assignment of a share group (KIP-932)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=76, versions="1", flexible="0+")
class ShareGroupHeartbeatRequest:
    """What the client asks."""

    group_id: str = field("string")
    member_id: str = field("string")
    member_epoch: int = field("int32")
    rack_id: str | None = field("string", nullable="0+", default=None)
    subscribed_topic_names: list[str] | None = field(array_of("string"), nullable="0+", default=None)


@struct
class TopicPartitions:
    """One item of `Assignment.topic_partitions`."""

    topic_id: bytes = field("uuid")
    partitions: list[int] = field(array_of("int32"))


@struct
class Assignment:
    """What `ShareGroupHeartbeatResponse.assignment` holds."""

    topic_partitions: list[TopicPartitions] = field(array_of(TopicPartitions))


@message(key=76, versions="1", flexible="0+")
class ShareGroupHeartbeatResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    member_id: str | None = field("string", nullable="0+", default=None)
    member_epoch: int = field("int32")
    heartbeat_interval_ms: int = field("int32")
    assignment: Assignment | None = field(Assignment, nullable="0+", default=None)
