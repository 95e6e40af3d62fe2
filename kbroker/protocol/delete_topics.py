"""DeleteTopics (key 20): delete topics, by name or (version 6) by id."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DeleteTopicState:
    """One item of `DeleteTopicsRequest.topics`."""

    name: str | None = field("string", "6+", nullable="6+", default=None)
    topic_id: bytes = field("uuid", "6+")


@message(key=20, versions="1-6", flexible="4+")
class DeleteTopicsRequest:
    """What the client asks."""

    topics: list[DeleteTopicState] = field(array_of(DeleteTopicState), "6+")
    topic_names: list[str] = field(array_of("string"), "0-5")
    timeout_ms: int = field("int32")


@struct
class DeletableTopicResult:
    """One item of `DeleteTopicsResponse.responses`."""

    name: str | None = field("string", nullable="6+")
    topic_id: bytes = field("uuid", "6+")
    error_code: int = field("int16")
    error_message: str | None = field("string", "5+", nullable="5+", default=None)


@message(key=20, versions="1-6", flexible="4+")
class DeleteTopicsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    responses: list[DeletableTopicResult] = field(array_of(DeletableTopicResult))
