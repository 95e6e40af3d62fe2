"""ConsumerGroupHeartbeat (key 68): membership in the consumer rebalance protocol (KIP-848)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class TopicPartitions:
    """One item of `ConsumerGroupHeartbeatRequest.topic_partitions` and `Assignment.topic_partitions`."""

    topic_id: bytes = field("uuid")
    partitions: list[int] = field(array_of("int32"))


@message(key=68, versions="0-1", flexible="0+")
class ConsumerGroupHeartbeatRequest:
    """What the client asks."""

    group_id: str = field("string")
    member_id: str = field("string")
    member_epoch: int = field("int32")
    instance_id: str | None = field("string", nullable="0+", default=None)
    rack_id: str | None = field("string", nullable="0+", default=None)
    rebalance_timeout_ms: int = field("int32", default=-1)
    subscribed_topic_names: list[str] | None = field(array_of("string"), nullable="0+", default=None)
    subscribed_topic_regex: str | None = field("string", "1+", nullable="1+", default=None)
    server_assignor: str | None = field("string", nullable="0+", default=None)
    topic_partitions: list[TopicPartitions] | None = field(
        array_of(TopicPartitions), nullable="0+", default=None
    )


@struct
class Assignment:
    """What `ConsumerGroupHeartbeatResponse.assignment` holds."""

    topic_partitions: list[TopicPartitions] = field(array_of(TopicPartitions))


@message(key=68, versions="0-1", flexible="0+")
class ConsumerGroupHeartbeatResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    member_id: str | None = field("string", nullable="0+", default=None)
    member_epoch: int = field("int32")
    heartbeat_interval_ms: int = field("int32")
    assignment: Assignment | None = field(Assignment, nullable="0+", default=None)
