"""DescribeQuorum (key 55): state of the controller quorum (KIP-595)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class RequestPartitionData:
    """One item of `RequestTopicData.partitions`."""

    partition_index: int = field("int32")


@struct
class RequestTopicData:
    """One item of `DescribeQuorumRequest.topics`."""

    topic_name: str = field("string")
    partitions: list[RequestPartitionData] = field(array_of(RequestPartitionData))


@message(key=55, versions="0-2", flexible="0+")
class DescribeQuorumRequest:
    """What the client asks."""

    topics: list[RequestTopicData] = field(array_of(RequestTopicData))


@struct
class ReplicaState:
    """One item of `ResponsePartitionData.current_voters` and `ResponsePartitionData.observers`."""

    replica_id: int = field("int32")
    replica_directory_id: bytes = field("uuid", "2+")
    log_end_offset: int = field("int64")
    last_fetch_timestamp: int = field("int64", "1+", default=-1)
    last_caught_up_timestamp: int = field("int64", "1+", default=-1)


@struct
class ResponsePartitionData:
    """One item of `ResponseTopicData.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", "2+", nullable="2+")
    leader_id: int = field("int32")
    leader_epoch: int = field("int32")
    high_watermark: int = field("int64")
    current_voters: list[ReplicaState] = field(array_of(ReplicaState))
    observers: list[ReplicaState] = field(array_of(ReplicaState))


@struct
class ResponseTopicData:
    """One item of `DescribeQuorumResponse.topics`."""

    topic_name: str = field("string")
    partitions: list[ResponsePartitionData] = field(array_of(ResponsePartitionData))


@struct
class Listener:
    """One item of `Node.listeners`."""

    name: str = field("string", "2+")
    host: str = field("string", "2+")
    port: int = field("uint16", "2+")


@struct
class Node:
    """One item of `DescribeQuorumResponse.nodes`."""

    node_id: int = field("int32", "2+")
    listeners: list[Listener] = field(array_of(Listener), "2+")


@message(key=55, versions="0-2", flexible="0+")
class DescribeQuorumResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    error_message: str | None = field("string", "2+", nullable="2+")
    topics: list[ResponseTopicData] = field(array_of(ResponseTopicData))
    nodes: list[Node] = field(array_of(Node), "2+")
