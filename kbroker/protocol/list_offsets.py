"""ListOffsets (key 2): find offsets by timestamp.

Negative timestamps stand for the earliest, the latest and other special offsets.
"""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class ListOffsetsPartition:
    """One item of `ListOffsetsTopic.partitions`."""

    partition_index: int = field("int32")
    current_leader_epoch: int = field("int32", "4+", default=-1)
    timestamp: int = field("int64")


@struct
class ListOffsetsTopic:
    """One item of `ListOffsetsRequest.topics`."""

    name: str = field("string")
    partitions: list[ListOffsetsPartition] = field(array_of(ListOffsetsPartition))


@message(key=2, versions="1-11", flexible="6+")
class ListOffsetsRequest:
    """What the client asks."""

    replica_id: int = field("int32")
    isolation_level: int = field("int8", "2+")
    topics: list[ListOffsetsTopic] = field(array_of(ListOffsetsTopic))
    timeout_ms: int = field("int32", "10+")


@struct
class ListOffsetsPartitionResponse:
    """One item of `ListOffsetsTopicResponse.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    timestamp: int = field("int64", default=-1)
    offset: int = field("int64", default=-1)
    leader_epoch: int = field("int32", "4+", default=-1)


@struct
class ListOffsetsTopicResponse:
    """One item of `ListOffsetsResponse.topics`."""

    name: str = field("string")
    partitions: list[ListOffsetsPartitionResponse] = field(array_of(ListOffsetsPartitionResponse))


@message(key=2, versions="1-11", flexible="6+")
class ListOffsetsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "2+")
    topics: list[ListOffsetsTopicResponse] = field(array_of(ListOffsetsTopicResponse))
