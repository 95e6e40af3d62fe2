"""DeleteShareGroupOffsets (key 92): forget start offsets of a share group (KIP-932)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DeleteShareGroupOffsetsRequestTopic:
    """One item of `DeleteShareGroupOffsetsRequest.topics`."""

    topic_name: str = field("string")


@message(key=92, versions="0", flexible="0+")
class DeleteShareGroupOffsetsRequest:
    """What the client asks."""

    group_id: str = field("string")
    topics: list[DeleteShareGroupOffsetsRequestTopic] = field(array_of(DeleteShareGroupOffsetsRequestTopic))


@struct
class DeleteShareGroupOffsetsResponseTopic:
    """One item of `DeleteShareGroupOffsetsResponse.responses`."""

    topic_name: str = field("string")
    topic_id: bytes = field("uuid")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)


@message(key=92, versions="0", flexible="0+")
class DeleteShareGroupOffsetsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    responses: list[DeleteShareGroupOffsetsResponseTopic] = field(
        array_of(DeleteShareGroupOffsetsResponseTopic)
    )
