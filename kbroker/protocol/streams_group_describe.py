"""StreamsGroupDescribe (key 89): state, topology and members of Kafka Streams groups (KIP-1071)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=89, versions="0", flexible="0+")
class StreamsGroupDescribeRequest:
    """What the client asks."""

    group_ids: list[str] = field(array_of("string"))
    include_authorized_operations: bool = field("bool")


@struct
class KeyValue:
    """One item of `TopicInfo.topic_configs` and `Member.client_tags`."""

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
class Subtopology:
    """One item of `Topology.subtopologies`."""

    subtopology_id: str = field("string")
    source_topics: list[str] = field(array_of("string"))
    repartition_sink_topics: list[str] = field(array_of("string"))
    state_changelog_topics: list[TopicInfo] = field(array_of(TopicInfo))
    repartition_source_topics: list[TopicInfo] = field(array_of(TopicInfo))


@struct
class Topology:
    """What `DescribedGroup.topology` holds."""

    epoch: int = field("int32")
    subtopologies: list[Subtopology] | None = field(array_of(Subtopology), nullable="0+", default=None)


@struct
class Endpoint:
    """What `Member.user_endpoint` holds."""

    host: str = field("string")
    port: int = field("uint16")


@struct
class TaskOffset:
    """One item of `Member.task_offsets` and `Member.task_end_offsets`."""

    subtopology_id: str = field("string")
    partition: int = field("int32")
    offset: int = field("int64")


@struct
class TaskIds:
    """One item of `Assignment.active_tasks`, `Assignment.standby_tasks` and `Assignment.warmup_tasks`."""

    subtopology_id: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class Assignment:
    """What `Member.assignment` and `Member.target_assignment` hold."""

    active_tasks: list[TaskIds] = field(array_of(TaskIds))
    standby_tasks: list[TaskIds] = field(array_of(TaskIds))
    warmup_tasks: list[TaskIds] = field(array_of(TaskIds))


@struct
class Member:
    """One item of `DescribedGroup.members`."""

    member_id: str = field("string")
    member_epoch: int = field("int32")
    instance_id: str | None = field("string", nullable="0+", default=None)
    rack_id: str | None = field("string", nullable="0+", default=None)
    client_id: str = field("string")
    client_host: str = field("string")
    topology_epoch: int = field("int32")
    process_id: str = field("string")
    user_endpoint: Endpoint | None = field(Endpoint, nullable="0+", default=None)
    client_tags: list[KeyValue] = field(array_of(KeyValue))
    task_offsets: list[TaskOffset] = field(array_of(TaskOffset))
    task_end_offsets: list[TaskOffset] = field(array_of(TaskOffset))
    assignment: Assignment = field(Assignment)
    target_assignment: Assignment = field(Assignment)
    is_classic: bool = field("bool")


@struct
class DescribedGroup:
    """One item of `StreamsGroupDescribeResponse.groups`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    group_id: str = field("string")
    group_state: str = field("string")
    group_epoch: int = field("int32")
    assignment_epoch: int = field("int32")
    topology: Topology | None = field(Topology, nullable="0+", default=None)
    members: list[Member] = field(array_of(Member))
    authorized_operations: int = field("int32", default=-2147483648)


@message(key=89, versions="0", flexible="0+")
class StreamsGroupDescribeResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    groups: list[DescribedGroup] = field(array_of(DescribedGroup))
