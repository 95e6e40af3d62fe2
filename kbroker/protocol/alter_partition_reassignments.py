"""AlterPartitionReassignments (key 45): start or cancel moving partitions to other replicas (KIP-455)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class ReassignablePartition:
    """One item of `ReassignableTopic.partitions`."""

    partition_index: int = field("int32")
    replicas: list[int] | None = field(array_of("int32"), nullable="0+", default=None)


@struct
class ReassignableTopic:
    """One item of `AlterPartitionReassignmentsRequest.topics`."""

    name: str = field("string")
    partitions: list[ReassignablePartition] = field(array_of(ReassignablePartition))


@message(key=45, versions="0-1", flexible="0+")
class AlterPartitionReassignmentsRequest:
    """What the client asks."""

    timeout_ms: int = field("int32", default=60000)
    allow_replication_factor_change: bool = field("bool", "1+", default=True)
    topics: list[ReassignableTopic] = field(array_of(ReassignableTopic))


@struct
class ReassignablePartitionResponse:
    """One item of `ReassignableTopicResponse.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")


@struct
class ReassignableTopicResponse:
    """One item of `AlterPartitionReassignmentsResponse.responses`."""

    name: str = field("string")
    partitions: list[ReassignablePartitionResponse] = field(array_of(ReassignablePartitionResponse))


@message(key=45, versions="0-1", flexible="0+")
class AlterPartitionReassignmentsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    allow_replication_factor_change: bool = field("bool", "1+", default=True)
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    responses: list[ReassignableTopicResponse] = field(array_of(ReassignableTopicResponse))
