"""OffsetForLeaderEpoch (key 23): where a leader epoch ended, to detect truncation (KIP-320)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class OffsetForLeaderPartition:
    """One item of `OffsetForLeaderTopic.partitions`."""

    partition: int = field("int32")
    current_leader_epoch: int = field("int32", default=-1)
    leader_epoch: int = field("int32")


@struct
class OffsetForLeaderTopic:
    """One item of `OffsetForLeaderEpochRequest.topics`."""

    topic: str = field("string")
    partitions: list[OffsetForLeaderPartition] = field(array_of(OffsetForLeaderPartition))


@message(key=23, versions="2-4", flexible="4+")
class OffsetForLeaderEpochRequest:
    """What the client asks."""

    replica_id: int = field("int32", "3+", default=-2)
    topics: list[OffsetForLeaderTopic] = field(array_of(OffsetForLeaderTopic))


@struct
class EpochEndOffset:
    """One item of `OffsetForLeaderTopicResult.partitions`."""

    error_code: int = field("int16")
    partition: int = field("int32")
    leader_epoch: int = field("int32", default=-1)
    end_offset: int = field("int64", default=-1)


@struct
class OffsetForLeaderTopicResult:
    """One item of `OffsetForLeaderEpochResponse.topics`."""

    topic: str = field("string")
    partitions: list[EpochEndOffset] = field(array_of(EpochEndOffset))


@message(key=23, versions="2-4", flexible="4+")
class OffsetForLeaderEpochResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    topics: list[OffsetForLeaderTopicResult] = field(array_of(OffsetForLeaderTopicResult))
