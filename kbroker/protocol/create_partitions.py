"""CreatePartitions (key 37): raise the partition count of topics (KIP-195)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class CreatePartitionsAssignment:
    """One item of `CreatePartitionsTopic.assignments`."""

    broker_ids: list[int] = field(array_of("int32"))


@struct
class CreatePartitionsTopic:
    """One item of `CreatePartitionsRequest.topics`."""

    name: str = field("string")
    count: int = field("int32")
    assignments: list[CreatePartitionsAssignment] | None = field(
        array_of(CreatePartitionsAssignment), nullable="0+"
    )


@message(key=37, versions="0-3", flexible="2+")
class CreatePartitionsRequest:
    """What the client asks."""

    topics: list[CreatePartitionsTopic] = field(array_of(CreatePartitionsTopic))
    timeout_ms: int = field("int32")
    validate_only: bool = field("bool")


@struct
class CreatePartitionsTopicResult:
    """One item of `CreatePartitionsResponse.results`."""

    name: str = field("string")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)


@message(key=37, versions="0-3", flexible="2+")
class CreatePartitionsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    results: list[CreatePartitionsTopicResult] = field(array_of(CreatePartitionsTopicResult))
