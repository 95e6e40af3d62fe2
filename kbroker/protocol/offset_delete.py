"""OffsetDelete (key 47): forget offsets a group has committed (KIP-496)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class OffsetDeleteRequestPartition:
    """One item of `OffsetDeleteRequestTopic.partitions`."""

    partition_index: int = field("int32")


@struct
class OffsetDeleteRequestTopic:
    """One item of `OffsetDeleteRequest.topics`."""

    name: str = field("string")
    partitions: list[OffsetDeleteRequestPartition] = field(array_of(OffsetDeleteRequestPartition))


@message(key=47, versions="0")
class OffsetDeleteRequest:
    """What the client asks."""

    group_id: str = field("string")
    topics: list[OffsetDeleteRequestTopic] = field(array_of(OffsetDeleteRequestTopic))


@struct
class OffsetDeleteResponsePartition:
    """One item of `OffsetDeleteResponseTopic.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")


@struct
class OffsetDeleteResponseTopic:
    """One item of `OffsetDeleteResponse.topics`."""

    name: str = field("string")
    partitions: list[OffsetDeleteResponsePartition] = field(array_of(OffsetDeleteResponsePartition))


@message(key=47, versions="0")
class OffsetDeleteResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    throttle_time_ms: int = field("int32")
    topics: list[OffsetDeleteResponseTopic] = field(array_of(OffsetDeleteResponseTopic))
