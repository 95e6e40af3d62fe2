"""Fetch (key 1): read record batches from partitions, waiting for enough of them.

Incremental sessions are KIP-227. From version 13 on topics are named by id (KIP-516).
"""

from kbroker.protocol.schema import Buffer, array_of, field, message, struct


@struct
class ReplicaState:
    """What `FetchRequest.replica_state` holds."""

    replica_id: int = field("int32", "15+", default=-1)
    replica_epoch: int = field("int64", "15+", default=-1)


@struct
class FetchPartition:
    """One item of `FetchTopic.partitions`."""

    partition: int = field("int32")
    current_leader_epoch: int = field("int32", "9+", default=-1)
    fetch_offset: int = field("int64")
    last_fetched_epoch: int = field("int32", "12+", default=-1)
    log_start_offset: int = field("int64", "5+", default=-1)
    partition_max_bytes: int = field("int32")
    replica_directory_id: bytes = field("uuid", "17+", tag=0)
    high_watermark: int = field("int64", "18+", tag=1, default=9223372036854775807)


@struct
class FetchTopic:
    """One item of `FetchRequest.topics`."""

    topic: str = field("string", "0-12")
    topic_id: bytes = field("uuid", "13+")
    partitions: list[FetchPartition] = field(array_of(FetchPartition))


@struct
class ForgottenTopic:
    """One item of `FetchRequest.forgotten_topics_data`."""

    topic: str = field("string", "7-12")
    topic_id: bytes = field("uuid", "13+")
    partitions: list[int] = field(array_of("int32"), "7+")


@message(key=1, versions="4-18", flexible="12+")
class FetchRequest:
    """What the client asks."""

    cluster_id: str | None = field("string", "12+", nullable="12+", tag=0, default=None)
    replica_id: int = field("int32", "0-14", default=-1)
    replica_state: ReplicaState = field(ReplicaState, "15+", tag=1)
    max_wait_ms: int = field("int32")
    min_bytes: int = field("int32")
    max_bytes: int = field("int32", default=2147483647)
    isolation_level: int = field("int8")
    session_id: int = field("int32", "7+")
    session_epoch: int = field("int32", "7+", default=-1)
    topics: list[FetchTopic] = field(array_of(FetchTopic))
    forgotten_topics_data: list[ForgottenTopic] = field(array_of(ForgottenTopic), "7+")
    rack_id: str = field("string", "11+")


@struct
class EpochEndOffset:
    """What `PartitionData.diverging_epoch` holds."""

    epoch: int = field("int32", "12+", default=-1)
    end_offset: int = field("int64", "12+", default=-1)


@struct
class LeaderIdAndEpoch:
    """What `PartitionData.current_leader` holds."""

    leader_id: int = field("int32", "12+", default=-1)
    leader_epoch: int = field("int32", "12+", default=-1)


@struct
class SnapshotId:
    """What `PartitionData.snapshot_id` holds."""

    end_offset: int = field("int64", default=-1)
    epoch: int = field("int32", default=-1)


@struct
class AbortedTransaction:
    """One item of `PartitionData.aborted_transactions`."""

    producer_id: int = field("int64")
    first_offset: int = field("int64")


@struct
class PartitionData:
    """One item of `FetchableTopicResponse.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    high_watermark: int = field("int64")
    last_stable_offset: int = field("int64", default=-1)
    log_start_offset: int = field("int64", "5+", default=-1)
    diverging_epoch: EpochEndOffset = field(EpochEndOffset, "12+", tag=0)
    current_leader: LeaderIdAndEpoch = field(LeaderIdAndEpoch, "12+", tag=1)
    snapshot_id: SnapshotId = field(SnapshotId, "12+", tag=2)
    aborted_transactions: list[AbortedTransaction] | None = field(array_of(AbortedTransaction), nullable="4+")
    preferred_read_replica: int = field("int32", "11+", default=-1)
    records: Buffer | None = field("records", nullable="0+")


@struct
class FetchableTopicResponse:
    """One item of `FetchResponse.responses`."""

    topic: str = field("string", "0-12")
    topic_id: bytes = field("uuid", "13+")
    partitions: list[PartitionData] = field(array_of(PartitionData))


@struct
class NodeEndpoint:
    """One item of `FetchResponse.node_endpoints`."""

    node_id: int = field("int32", "16+")
    host: str = field("string", "16+")
    port: int = field("int32", "16+")
    rack: str | None = field("string", "16+", nullable="16+", default=None)


@message(key=1, versions="4-18", flexible="12+")
class FetchResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16", "7+")
    session_id: int = field("int32", "7+")
    responses: list[FetchableTopicResponse] = field(array_of(FetchableTopicResponse))
    node_endpoints: list[NodeEndpoint] = field(array_of(NodeEndpoint), "16+", tag=0)
