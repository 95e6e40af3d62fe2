"""OffsetCommit (key 8): store the offsets a group has consumed up to."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class OffsetCommitRequestPartition:
    """One item of `OffsetCommitRequestTopic.partitions`."""

    partition_index: int = field("int32")
    committed_offset: int = field("int64")
    committed_leader_epoch: int = field("int32", "6+", default=-1)
    committed_metadata: str | None = field("string", nullable="0+")


@struct
class OffsetCommitRequestTopic:
    """One item of `OffsetCommitRequest.topics`."""

    name: str = field("string", "0-9")
    topic_id: bytes = field("uuid", "10+")
    partitions: list[OffsetCommitRequestPartition] = field(array_of(OffsetCommitRequestPartition))


@message(key=8, versions="2-10", flexible="8+")
class OffsetCommitRequest:
    """What the client asks."""

    group_id: str = field("string")
    generation_id_or_member_epoch: int = field("int32", default=-1)
    member_id: str = field("string")
    group_instance_id: str | None = field("string", "7+", nullable="7+", default=None)
    retention_time_ms: int = field("int64", "2-4", default=-1)
    topics: list[OffsetCommitRequestTopic] = field(array_of(OffsetCommitRequestTopic))


@struct
class OffsetCommitResponsePartition:
    """One item of `OffsetCommitResponseTopic.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")


@struct
class OffsetCommitResponseTopic:
    """One item of `OffsetCommitResponse.topics`."""

    name: str = field("string", "0-9")
    topic_id: bytes = field("uuid", "10+")
    partitions: list[OffsetCommitResponsePartition] = field(array_of(OffsetCommitResponsePartition))


@message(key=8, versions="2-10", flexible="8+")
class OffsetCommitResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "3+")
    topics: list[OffsetCommitResponseTopic] = field(array_of(OffsetCommitResponseTopic))
