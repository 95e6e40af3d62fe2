"""Metadata (key 3): brokers, topics, and who leads which partition."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class MetadataRequestTopic:
    """One item of `MetadataRequest.topics`."""

    topic_id: bytes = field("uuid", "10+")
    name: str | None = field("string", nullable="10+")


@message(key=3, versions="0-13", flexible="9+")
class MetadataRequest:
    """What the client asks."""

    topics: list[MetadataRequestTopic] | None = field(array_of(MetadataRequestTopic), nullable="1+")
    allow_auto_topic_creation: bool = field("bool", "4+", default=True)
    include_cluster_authorized_operations: bool = field("bool", "8-10")
    include_topic_authorized_operations: bool = field("bool", "8+")


@struct
class MetadataResponseBroker:
    """One item of `MetadataResponse.brokers`."""

    node_id: int = field("int32")
    host: str = field("string")
    port: int = field("int32")
    rack: str | None = field("string", "1+", nullable="1+", default=None)


@struct
class MetadataResponsePartition:
    """One item of `MetadataResponseTopic.partitions`."""

    error_code: int = field("int16")
    partition_index: int = field("int32")
    leader_id: int = field("int32")
    leader_epoch: int = field("int32", "7+", default=-1)
    replica_nodes: list[int] = field(array_of("int32"))
    isr_nodes: list[int] = field(array_of("int32"))
    offline_replicas: list[int] = field(array_of("int32"), "5+")


@struct
class MetadataResponseTopic:
    """One item of `MetadataResponse.topics`."""

    error_code: int = field("int16")
    name: str | None = field("string", nullable="12+")
    topic_id: bytes = field("uuid", "10+")
    is_internal: bool = field("bool", "1+")
    partitions: list[MetadataResponsePartition] = field(array_of(MetadataResponsePartition))
    topic_authorized_operations: int = field("int32", "8+", default=-2147483648)


@message(key=3, versions="0-13", flexible="9+")
class MetadataResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "3+")
    brokers: list[MetadataResponseBroker] = field(array_of(MetadataResponseBroker))
    cluster_id: str | None = field("string", "2+", nullable="2+", default=None)
    controller_id: int = field("int32", "1+", default=-1)
    topics: list[MetadataResponseTopic] = field(array_of(MetadataResponseTopic))
    cluster_authorized_operations: int = field("int32", "8-10", default=-2147483648)
    error_code: int = field("int16", "13+")
