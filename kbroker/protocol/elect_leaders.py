"""ElectLeaders (key 43): elect preferred or unclean leaders (KIP-183, KIP-460)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class TopicPartitions:
    """One item of `ElectLeadersRequest.topic_partitions`."""

    topic: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@message(key=43, versions="0-2", flexible="2+")
class ElectLeadersRequest:
    """What the client asks."""

    election_type: int = field("int8", "1+")
    topic_partitions: list[TopicPartitions] | None = field(array_of(TopicPartitions), nullable="0+")
    timeout_ms: int = field("int32", default=60000)


@struct
class PartitionResult:
    """One item of `ReplicaElectionResult.partition_result`."""

    partition_id: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")


@struct
class ReplicaElectionResult:
    """One item of `ElectLeadersResponse.replica_election_results`."""

    topic: str = field("string")
    partition_result: list[PartitionResult] = field(array_of(PartitionResult))


@message(key=43, versions="0-2", flexible="2+")
class ElectLeadersResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16", "1+")
    replica_election_results: list[ReplicaElectionResult] = field(array_of(ReplicaElectionResult))
