"""DescribeShareGroupOffsets (key 90): start offsets of share groups (KIP-932)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DescribeShareGroupOffsetsRequestTopic:
    """One item of `DescribeShareGroupOffsetsRequestGroup.topics`."""

    topic_name: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class DescribeShareGroupOffsetsRequestGroup:
    """One item of `DescribeShareGroupOffsetsRequest.groups`."""

    group_id: str = field("string")
    topics: list[DescribeShareGroupOffsetsRequestTopic] | None = field(
        array_of(DescribeShareGroupOffsetsRequestTopic), nullable="0+"
    )


@message(key=90, versions="0-1", flexible="0+")
class DescribeShareGroupOffsetsRequest:
    """What the client asks."""

    groups: list[DescribeShareGroupOffsetsRequestGroup] = field(
        array_of(DescribeShareGroupOffsetsRequestGroup)
    )


@struct
class DescribeShareGroupOffsetsResponsePartition:
    """One item of `DescribeShareGroupOffsetsResponseTopic.partitions`."""

    partition_index: int = field("int32")
    start_offset: int = field("int64")
    leader_epoch: int = field("int32")
    lag: int = field("int64", "1+", default=-1)
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)


@struct
class DescribeShareGroupOffsetsResponseTopic:
    """One item of `DescribeShareGroupOffsetsResponseGroup.topics`."""

    topic_name: str = field("string")
    topic_id: bytes = field("uuid")
    partitions: list[DescribeShareGroupOffsetsResponsePartition] = field(
        array_of(DescribeShareGroupOffsetsResponsePartition)
    )


@struct
class DescribeShareGroupOffsetsResponseGroup:
    """One item of `DescribeShareGroupOffsetsResponse.groups`."""

    group_id: str = field("string")
    topics: list[DescribeShareGroupOffsetsResponseTopic] = field(
        array_of(DescribeShareGroupOffsetsResponseTopic)
    )
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)


@message(key=90, versions="0-1", flexible="0+")
class DescribeShareGroupOffsetsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    groups: list[DescribeShareGroupOffsetsResponseGroup] = field(
        array_of(DescribeShareGroupOffsetsResponseGroup)
    )
