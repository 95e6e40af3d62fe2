"""AlterShareGroupOffsets (key 91): set start offsets of a share group (KIP-932)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AlterShareGroupOffsetsRequestPartition:
    """One item of `AlterShareGroupOffsetsRequestTopic.partitions`."""

    partition_index: int = field("int32")
    start_offset: int = field("int64")


@struct
class AlterShareGroupOffsetsRequestTopic:
    """One item of `AlterShareGroupOffsetsRequest.topics`."""

    topic_name: str = field("string")
    partitions: list[AlterShareGroupOffsetsRequestPartition] = field(
        array_of(AlterShareGroupOffsetsRequestPartition)
    )


@message(key=91, versions="0", flexible="0+")
class AlterShareGroupOffsetsRequest:
    """What the client asks."""

    group_id: str = field("string")
    topics: list[AlterShareGroupOffsetsRequestTopic] = field(array_of(AlterShareGroupOffsetsRequestTopic))


@struct
class AlterShareGroupOffsetsResponsePartition:
    """One item of `AlterShareGroupOffsetsResponseTopic.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)


@struct
class AlterShareGroupOffsetsResponseTopic:
    """One item of `AlterShareGroupOffsetsResponse.responses`."""

    topic_name: str = field("string")
    topic_id: bytes = field("uuid")
    partitions: list[AlterShareGroupOffsetsResponsePartition] = field(
        array_of(AlterShareGroupOffsetsResponsePartition)
    )


@message(key=91, versions="0", flexible="0+")
class AlterShareGroupOffsetsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    responses: list[AlterShareGroupOffsetsResponseTopic] = field(
        array_of(AlterShareGroupOffsetsResponseTopic)
    )
