"""DescribeProducers (key 61): producers with state in partitions (KIP-664)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class TopicRequest:
    """One item of `DescribeProducersRequest.topics`."""

    name: str = field("string")
    partition_indexes: list[int] = field(array_of("int32"))


@message(key=61, versions="0", flexible="0+")
class DescribeProducersRequest:
    """What the client asks."""

    topics: list[TopicRequest] = field(array_of(TopicRequest))


@struct
class ProducerState:
    """One item of `PartitionResponse.active_producers`."""

    producer_id: int = field("int64")
    producer_epoch: int = field("int32")
    last_sequence: int = field("int32", default=-1)
    last_timestamp: int = field("int64", default=-1)
    coordinator_epoch: int = field("int32")
    current_txn_start_offset: int = field("int64", default=-1)


@struct
class PartitionResponse:
    """One item of `TopicResponse.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    active_producers: list[ProducerState] = field(array_of(ProducerState))


@struct
class TopicResponse:
    """One item of `DescribeProducersResponse.topics`."""

    name: str = field("string")
    partitions: list[PartitionResponse] = field(array_of(PartitionResponse))


@message(key=61, versions="0", flexible="0+")
class DescribeProducersResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    topics: list[TopicResponse] = field(array_of(TopicResponse))
