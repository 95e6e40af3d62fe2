"""DescribeTopicPartitions (key 75): topics and their partitions, page by page (KIP-966)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class TopicRequest:
    """One item of `DescribeTopicPartitionsRequest.topics`."""

    name: str = field("string")


@struct
class Cursor:
    """What `DescribeTopicPartitionsRequest.cursor` and `DescribeTopicPartitionsResponse.next_cursor` hold."""

    topic_name: str = field("string")
    partition_index: int = field("int32")


@message(key=75, versions="0", flexible="0+")
class DescribeTopicPartitionsRequest:
    """What the client asks."""

    topics: list[TopicRequest] = field(array_of(TopicRequest))
    response_partition_limit: int = field("int32", default=2000)
    cursor: Cursor | None = field(Cursor, nullable="0+", default=None)


@struct
class DescribeTopicPartitionsResponsePartition:
    """One item of `DescribeTopicPartitionsResponseTopic.partitions`."""

    error_code: int = field("int16")
    partition_index: int = field("int32")
    leader_id: int = field("int32")
    leader_epoch: int = field("int32", default=-1)
    replica_nodes: list[int] = field(array_of("int32"))
    isr_nodes: list[int] = field(array_of("int32"))
    eligible_leader_replicas: list[int] | None = field(array_of("int32"), nullable="0+", default=None)
    last_known_elr: list[int] | None = field(array_of("int32"), nullable="0+", default=None)
    offline_replicas: list[int] = field(array_of("int32"))


@struct
class DescribeTopicPartitionsResponseTopic:
    """One item of `DescribeTopicPartitionsResponse.topics`."""

    error_code: int = field("int16")
    name: str | None = field("string", nullable="0+")
    topic_id: bytes = field("uuid")
    is_internal: bool = field("bool")
    partitions: list[DescribeTopicPartitionsResponsePartition] = field(
        array_of(DescribeTopicPartitionsResponsePartition)
    )
    topic_authorized_operations: int = field("int32", default=-2147483648)


@message(key=75, versions="0", flexible="0+")
class DescribeTopicPartitionsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    topics: list[DescribeTopicPartitionsResponseTopic] = field(array_of(DescribeTopicPartitionsResponseTopic))
    next_cursor: Cursor | None = field(Cursor, nullable="0+", default=None)
