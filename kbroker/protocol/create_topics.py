"""CreateTopics (key 19): create topics with partitions, replicas and configs."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class CreatableReplicaAssignment:
    """One item of `CreatableTopic.assignments`."""

    partition_index: int = field("int32")
    broker_ids: list[int] = field(array_of("int32"))


@struct
class CreatableTopicConfig:
    """One item of `CreatableTopic.configs`."""

    name: str = field("string")
    value: str | None = field("string", nullable="0+")


@struct
class CreatableTopic:
    """One item of `CreateTopicsRequest.topics`."""

    name: str = field("string")
    num_partitions: int = field("int32")
    replication_factor: int = field("int16")
    assignments: list[CreatableReplicaAssignment] = field(array_of(CreatableReplicaAssignment))
    configs: list[CreatableTopicConfig] = field(array_of(CreatableTopicConfig))


@message(key=19, versions="2-7", flexible="5+")
class CreateTopicsRequest:
    """What the client asks."""

    topics: list[CreatableTopic] = field(array_of(CreatableTopic))
    timeout_ms: int = field("int32", default=60000)
    validate_only: bool = field("bool")


@struct
class CreatableTopicConfigs:
    """One item of `CreatableTopicResult.configs`."""

    name: str = field("string", "5+")
    value: str | None = field("string", "5+", nullable="5+")
    read_only: bool = field("bool", "5+")
    config_source: int = field("int8", "5+", default=-1)
    is_sensitive: bool = field("bool", "5+")


@struct
class CreatableTopicResult:
    """One item of `CreateTopicsResponse.topics`."""

    name: str = field("string")
    topic_id: bytes = field("uuid", "7+")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    topic_config_error_code: int = field("int16", "5+", tag=0)
    num_partitions: int = field("int32", "5+", default=-1)
    replication_factor: int = field("int16", "5+", default=-1)
    configs: list[CreatableTopicConfigs] | None = field(array_of(CreatableTopicConfigs), "5+", nullable="5+")


@message(key=19, versions="2-7", flexible="5+")
class CreateTopicsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    topics: list[CreatableTopicResult] = field(array_of(CreatableTopicResult))
