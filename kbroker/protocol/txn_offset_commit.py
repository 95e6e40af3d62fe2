"""TxnOffsetCommit (key 28): commit a group's offsets when the transaction commits."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class TxnOffsetCommitRequestPartition:
    """One item of `TxnOffsetCommitRequestTopic.partitions`."""

    partition_index: int = field("int32")
    committed_offset: int = field("int64")
    committed_leader_epoch: int = field("int32", "2+", default=-1)
    committed_metadata: str | None = field("string", nullable="0+")


@struct
class TxnOffsetCommitRequestTopic:
    """One item of `TxnOffsetCommitRequest.topics`."""

    name: str = field("string")
    partitions: list[TxnOffsetCommitRequestPartition] = field(array_of(TxnOffsetCommitRequestPartition))


@message(key=28, versions="0-5", flexible="3+")
class TxnOffsetCommitRequest:
    """What the client asks."""

    transactional_id: str = field("string")
    group_id: str = field("string")
    producer_id: int = field("int64")
    producer_epoch: int = field("int16")
    generation_id: int = field("int32", "3+", default=-1)
    member_id: str = field("string", "3+")
    group_instance_id: str | None = field("string", "3+", nullable="3+", default=None)
    topics: list[TxnOffsetCommitRequestTopic] = field(array_of(TxnOffsetCommitRequestTopic))


@struct
class TxnOffsetCommitResponsePartition:
    """One item of `TxnOffsetCommitResponseTopic.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")


@struct
class TxnOffsetCommitResponseTopic:
    """One item of `TxnOffsetCommitResponse.topics`."""

    name: str = field("string")
    partitions: list[TxnOffsetCommitResponsePartition] = field(array_of(TxnOffsetCommitResponsePartition))


@message(key=28, versions="0-5", flexible="3+")
class TxnOffsetCommitResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    topics: list[TxnOffsetCommitResponseTopic] = field(array_of(TxnOffsetCommitResponseTopic))
