"""StreamsGroupHeartbeat (key 88): membership and task assignment of a Kafka Streams group (KIP-1071)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class KeyValue:
    """One item of `TopicInfo.topic_configs` and `StreamsGroupHeartbeatRequest.client_tags`."""

    key: str = field("string")
    value: str = field("string")


@struct
class TopicInfo:
    """One item of `Subtopology.state_changelog_topics` and `Subtopology.repartition_source_topics`."""

    name: str = field("string")
    partitions: int = field("int32")
    replication_factor: int = field("int16")
    topic_configs: list[KeyValue] = field(array_of(KeyValue))


@struct
class CopartitionGroup:
    """One item of `Subtopology.copartition_groups`."""

    source_topics: list[int] = field(array_of("int16"))
    source_topic_regex: list[int] = field(array_of("int16"))
    repartition_source_topics: list[int] = field(array_of("int16"))


@struct
class Subtopology:
    """One item of `Topology.subtopologies`."""

    subtopology_id: str = field("string")
    source_topics: list[str] = field(array_of("string"))
    source_topic_regex: list[str] = field(array_of("string"))
    state_changelog_topics: list[TopicInfo] = field(array_of(TopicInfo))
    repartition_sink_topics: list[str] = field(array_of("string"))
    repartition_source_topics: list[TopicInfo] = field(array_of(TopicInfo))
    copartition_groups: list[CopartitionGroup] = field(array_of(CopartitionGroup))


@struct
class Topology:
    """What `StreamsGroupHeartbeatRequest.topology` holds."""

    epoch: int = field("int32")
    subtopologies: list[Subtopology] = field(array_of(Subtopology))


@struct
class TaskIds:
    """One item of the active, standby or warm-up tasks in request and response."""

    subtopology_id: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class Endpoint:
    """What `StreamsGroupHeartbeatRequest.user_endpoint` and `EndpointToPartitions.user_endpoint` hold."""

    host: str = field("string")
    port: int = field("uint16")


@struct
class TaskOffset:
    """One item of `task_offsets` and `task_end_offsets` of the request."""

    subtopology_id: str = field("string")
    partition: int = field("int32")
    offset: int = field("int64")


@message(key=88, versions="0", flexible="0+")
class StreamsGroupHeartbeatRequest:
    """What the client asks."""

    group_id: str = field("string")
    member_id: str = field("string")
    member_epoch: int = field("int32")
    endpoint_information_epoch: int = field("int32")
    instance_id: str | None = field("string", nullable="0+", default=None)
    rack_id: str | None = field("string", nullable="0+", default=None)
    rebalance_timeout_ms: int = field("int32", default=-1)
    topology: Topology | None = field(Topology, nullable="0+", default=None)
    active_tasks: list[TaskIds] | None = field(array_of(TaskIds), nullable="0+", default=None)
    standby_tasks: list[TaskIds] | None = field(array_of(TaskIds), nullable="0+", default=None)
    warmup_tasks: list[TaskIds] | None = field(array_of(TaskIds), nullable="0+", default=None)
    process_id: str | None = field("string", nullable="0+", default=None)
    user_endpoint: Endpoint | None = field(Endpoint, nullable="0+", default=None)
    client_tags: list[KeyValue] | None = field(array_of(KeyValue), nullable="0+", default=None)
    task_offsets: list[TaskOffset] | None = field(array_of(TaskOffset), nullable="0+", default=None)
    task_end_offsets: list[TaskOffset] | None = field(array_of(TaskOffset), nullable="0+", default=None)
    shutdown_application: bool = field("bool")


@struct
class Status:
    """One item of `StreamsGroupHeartbeatResponse.status`."""

    status_code: int = field("int8")
    status_detail: str = field("string")


@struct
class TopicPartition:
    """One item of `EndpointToPartitions.active_partitions` and `EndpointToPartitions.standby_partitions`."""

    topic: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class EndpointToPartitions:
    """One item of `StreamsGroupHeartbeatResponse.partitions_by_user_endpoint`."""

    user_endpoint: Endpoint = field(Endpoint)
    active_partitions: list[TopicPartition] = field(array_of(TopicPartition))
    standby_partitions: list[TopicPartition] = field(array_of(TopicPartition))


@message(key=88, versions="0", flexible="0+")
class StreamsGroupHeartbeatResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    member_id: str = field("string")
    member_epoch: int = field("int32")
    heartbeat_interval_ms: int = field("int32")
    acceptable_recovery_lag: int = field("int32")
    task_offset_interval_ms: int = field("int32")
    status: list[Status] | None = field(array_of(Status), nullable="0+")
    active_tasks: list[TaskIds] | None = field(array_of(TaskIds), nullable="0+", default=None)
    standby_tasks: list[TaskIds] | None = field(array_of(TaskIds), nullable="0+", default=None)
    warmup_tasks: list[TaskIds] | None = field(array_of(TaskIds), nullable="0+", default=None)
    endpoint_information_epoch: int = field("int32")
    partitions_by_user_endpoint: list[EndpointToPartitions] | None = field(
        array_of(EndpointToPartitions), nullable="0+", default=None
    )
