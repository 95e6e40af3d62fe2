"""AlterReplicaLogDirs (key 34): move replicas between log directories of a broker (KIP-113)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AlterReplicaLogDirTopic:
    """One item of `AlterReplicaLogDir.topics`."""

    name: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class AlterReplicaLogDir:
    """One item of `AlterReplicaLogDirsRequest.dirs`."""

    path: str = field("string")
    topics: list[AlterReplicaLogDirTopic] = field(array_of(AlterReplicaLogDirTopic))


@message(key=34, versions="1-2", flexible="2+")
class AlterReplicaLogDirsRequest:
    """What the client asks."""

    dirs: list[AlterReplicaLogDir] = field(array_of(AlterReplicaLogDir))


@struct
class AlterReplicaLogDirPartitionResult:
    """One item of `AlterReplicaLogDirTopicResult.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")


@struct
class AlterReplicaLogDirTopicResult:
    """One item of `AlterReplicaLogDirsResponse.results`."""

    topic_name: str = field("string")
    partitions: list[AlterReplicaLogDirPartitionResult] = field(array_of(AlterReplicaLogDirPartitionResult))


@message(key=34, versions="1-2", flexible="2+")
class AlterReplicaLogDirsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    results: list[AlterReplicaLogDirTopicResult] = field(array_of(AlterReplicaLogDirTopicResult))
