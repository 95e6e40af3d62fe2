"""ListPartitionReassignments (key 46): the reassignments under way (KIP-455)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class ListPartitionReassignmentsTopics:
    """One item of `ListPartitionReassignmentsRequest.topics`."""

    name: str = field("string")
    partition_indexes: list[int] = field(array_of("int32"))


@message(key=46, versions="0", flexible="0+")
class ListPartitionReassignmentsRequest:
    """What the client asks."""

    timeout_ms: int = field("int32", default=60000)
    topics: list[ListPartitionReassignmentsTopics] | None = field(
        array_of(ListPartitionReassignmentsTopics), nullable="0+", default=None
    )


@struct
class OngoingPartitionReassignment:
    """One item of `OngoingTopicReassignment.partitions`."""

    partition_index: int = field("int32")
    replicas: list[int] = field(array_of("int32"))
    adding_replicas: list[int] = field(array_of("int32"))
    removing_replicas: list[int] = field(array_of("int32"))


@struct
class OngoingTopicReassignment:
    """One item of `ListPartitionReassignmentsResponse.topics`."""

    name: str = field("string")
    partitions: list[OngoingPartitionReassignment] = field(array_of(OngoingPartitionReassignment))


@message(key=46, versions="0", flexible="0+")
class ListPartitionReassignmentsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    topics: list[OngoingTopicReassignment] = field(array_of(OngoingTopicReassignment))
