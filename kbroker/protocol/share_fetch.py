"""ShareFetch (key 78): acquire records for a member of a share group, and acknowledge others (KIP-932)."""

from kbroker.protocol.schema import Buffer, array_of, field, message, struct


@struct
class AcknowledgementBatch:
    """One item of `FetchPartition.acknowledgement_batches`."""

    first_offset: int = field("int64")
    last_offset: int = field("int64")
    acknowledge_types: list[int] = field(array_of("int8"))


@struct
class FetchPartition:
    """One item of `FetchTopic.partitions`."""

    partition_index: int = field("int32")
    partition_max_bytes: int = field("int32", "0")
    acknowledgement_batches: list[AcknowledgementBatch] = field(array_of(AcknowledgementBatch))


@struct
class FetchTopic:
    """One item of `ShareFetchRequest.topics`."""

    topic_id: bytes = field("uuid")
    partitions: list[FetchPartition] = field(array_of(FetchPartition))


@struct
class ForgottenTopic:
    """One item of `ShareFetchRequest.forgotten_topics_data`."""

    topic_id: bytes = field("uuid")
    partitions: list[int] = field(array_of("int32"))


@message(key=78, versions="1-2", flexible="0+")
class ShareFetchRequest:
    """What the client asks."""

    group_id: str | None = field("string", nullable="0+", default=None)
    member_id: str | None = field("string", nullable="0+")
    share_session_epoch: int = field("int32")
    max_wait_ms: int = field("int32")
    min_bytes: int = field("int32")
    max_bytes: int = field("int32", default=2147483647)
    max_records: int = field("int32")
    batch_size: int = field("int32")
    share_acquire_mode: int = field("int8", "2+")
    is_renew_ack: bool = field("bool", "2+")
    topics: list[FetchTopic] = field(array_of(FetchTopic))
    forgotten_topics_data: list[ForgottenTopic] = field(array_of(ForgottenTopic))


@struct
class LeaderIdAndEpoch:
    """What `PartitionData.current_leader` holds."""

    leader_id: int = field("int32")
    leader_epoch: int = field("int32")


@struct
class AcquiredRecords:
    """One item of `PartitionData.acquired_records`."""

    first_offset: int = field("int64")
    last_offset: int = field("int64")
    delivery_count: int = field("int16")


@struct
class PartitionData:
    """One item of `ShareFetchableTopicResponse.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    acknowledge_error_code: int = field("int16")
    acknowledge_error_message: str | None = field("string", nullable="0+", default=None)
    current_leader: LeaderIdAndEpoch = field(LeaderIdAndEpoch)
    records: Buffer | None = field("records", nullable="0")
    acquired_records: list[AcquiredRecords] = field(array_of(AcquiredRecords))


@struct
class ShareFetchableTopicResponse:
    """One item of `ShareFetchResponse.responses`."""

    topic_id: bytes = field("uuid")
    partitions: list[PartitionData] = field(array_of(PartitionData))


@struct
class NodeEndpoint:
    """One item of `ShareFetchResponse.node_endpoints`."""

    node_id: int = field("int32")
    host: str = field("string")
    port: int = field("int32")
    rack: str | None = field("string", nullable="0+", default=None)


@message(key=78, versions="1-2", flexible="0+")
class ShareFetchResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    acquisition_lock_timeout_ms: int = field("int32")
    responses: list[ShareFetchableTopicResponse] = field(array_of(ShareFetchableTopicResponse))
    node_endpoints: list[NodeEndpoint] = field(array_of(NodeEndpoint))
