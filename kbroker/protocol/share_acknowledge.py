"""ShareAcknowledge (key 79): accept, release or reject acquired records (KIP-932)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AcknowledgementBatch:
    """One item of `AcknowledgePartition.acknowledgement_batches`."""

    first_offset: int = field("int64")
    last_offset: int = field("int64")
    acknowledge_types: list[int] = field(array_of("int8"))


@struct
class AcknowledgePartition:
    """One item of `AcknowledgeTopic.partitions`."""

    partition_index: int = field("int32")
    acknowledgement_batches: list[AcknowledgementBatch] = field(array_of(AcknowledgementBatch))


@struct
class AcknowledgeTopic:
    """One item of `ShareAcknowledgeRequest.topics`."""

    topic_id: bytes = field("uuid")
    partitions: list[AcknowledgePartition] = field(array_of(AcknowledgePartition))


@message(key=79, versions="1-2", flexible="0+")
class ShareAcknowledgeRequest:
    """What the client asks."""

    group_id: str | None = field("string", nullable="0+", default=None)
    member_id: str | None = field("string", nullable="0+")
    share_session_epoch: int = field("int32")
    is_renew_ack: bool = field("bool", "2+")
    topics: list[AcknowledgeTopic] = field(array_of(AcknowledgeTopic))


@struct
class LeaderIdAndEpoch:
    """What `PartitionData.current_leader` holds."""

    leader_id: int = field("int32")
    leader_epoch: int = field("int32")


@struct
class PartitionData:
    """One item of `ShareAcknowledgeTopicResponse.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    current_leader: LeaderIdAndEpoch = field(LeaderIdAndEpoch)


@struct
class ShareAcknowledgeTopicResponse:
    """One item of `ShareAcknowledgeResponse.responses`."""

    topic_id: bytes = field("uuid")
    partitions: list[PartitionData] = field(array_of(PartitionData))


@struct
class NodeEndpoint:
    """One item of `ShareAcknowledgeResponse.node_endpoints`."""

    node_id: int = field("int32")
    host: str = field("string")
    port: int = field("int32")
    rack: str | None = field("string", nullable="0+", default=None)


@message(key=79, versions="1-2", flexible="0+")
class ShareAcknowledgeResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    acquisition_lock_timeout_ms: int = field("int32", "2+")
    responses: list[ShareAcknowledgeTopicResponse] = field(array_of(ShareAcknowledgeTopicResponse))
    node_endpoints: list[NodeEndpoint] = field(array_of(NodeEndpoint))
