"""Produce (key 0): append record batches to partitions.

Versions 0-2 are advertised for the sake of librdkafka's feature detection but have no schema (KAFKA-18659).
Version 13 names topics by id (KIP-516).
"""

from kbroker.protocol.schema import Buffer, array_of, field, message, struct


@struct
class PartitionProduceData:
    """One item of `TopicProduceData.partition_data`."""

    index: int = field("int32")
    records: Buffer | None = field("records", nullable="0+")


@struct
class TopicProduceData:
    """One item of `ProduceRequest.topic_data`."""

    name: str = field("string", "0-12")
    topic_id: bytes = field("uuid", "13+")
    partition_data: list[PartitionProduceData] = field(array_of(PartitionProduceData))


@message(key=0, versions="3-13", flexible="9+")
class ProduceRequest:
    """What the client asks."""

    transactional_id: str | None = field("string", nullable="3+", default=None)
    acks: int = field("int16")
    timeout_ms: int = field("int32")
    topic_data: list[TopicProduceData] = field(array_of(TopicProduceData))


@struct
class BatchIndexAndErrorMessage:
    """One item of `PartitionProduceResponse.record_errors`."""

    batch_index: int = field("int32", "8+")
    batch_index_error_message: str | None = field("string", "8+", nullable="8+", default=None)


@struct
class LeaderIdAndEpoch:
    """What `PartitionProduceResponse.current_leader` holds."""

    leader_id: int = field("int32", "10+", default=-1)
    leader_epoch: int = field("int32", "10+", default=-1)


@struct
class PartitionProduceResponse:
    """One item of `TopicProduceResponse.partition_responses`."""

    index: int = field("int32")
    error_code: int = field("int16")
    base_offset: int = field("int64")
    log_append_time_ms: int = field("int64", default=-1)
    log_start_offset: int = field("int64", "5+", default=-1)
    record_errors: list[BatchIndexAndErrorMessage] = field(array_of(BatchIndexAndErrorMessage), "8+")
    error_message: str | None = field("string", "8+", nullable="8+", default=None)
    current_leader: LeaderIdAndEpoch = field(LeaderIdAndEpoch, "10+", tag=0)


@struct
class TopicProduceResponse:
    """One item of `ProduceResponse.responses`."""

    name: str = field("string", "0-12")
    topic_id: bytes = field("uuid", "13+")
    partition_responses: list[PartitionProduceResponse] = field(array_of(PartitionProduceResponse))


@struct
class NodeEndpoint:
    """One item of `ProduceResponse.node_endpoints`."""

    node_id: int = field("int32", "10+")
    host: str = field("string", "10+")
    port: int = field("int32", "10+")
    rack: str | None = field("string", "10+", nullable="10+", default=None)


@message(key=0, versions="3-13", flexible="9+")
class ProduceResponse:
    """What the broker answers."""

    responses: list[TopicProduceResponse] = field(array_of(TopicProduceResponse))
    throttle_time_ms: int = field("int32")
    node_endpoints: list[NodeEndpoint] = field(array_of(NodeEndpoint), "10+", tag=0)
