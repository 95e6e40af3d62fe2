"""DeleteTopics (key 20), versions 1-6; from version 6 (KIP-516) a topic is named by its name or by its id.

- a topic named more than once, in either way, is not deleted but answered once, with INVALID_REQUEST
- an unknown name is UNKNOWN_TOPIC_OR_PARTITION, an unknown id UNKNOWN_TOPIC_ID
- delete.topic.enable=false: TOPIC_DELETION_DISABLED for each topic
- a timeout of 0 or less has passed before anything could be done: REQUEST_TIMED_OUT, as from Apache Kafka
"""

from collections import Counter

from kbroker.broker.context import RequestContext
from kbroker.protocol.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DeleteTopicState,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.schema import ZERO_UUID
from kbroker.state.topics import Topic

BY_ID_SINCE = 6


async def handle(request: DeleteTopicsRequest, ctx: RequestContext) -> DeleteTopicsResponse:
    """Answer each topic on its own."""
    asked = request.topics
    if ctx.api_version < BY_ID_SINCE:
        asked = [DeleteTopicState(name) for name in request.topic_names]
    if not ctx.broker.config.bool("delete.topic.enable"):
        disabled = ErrorCode.TOPIC_DELETION_DISABLED
        return DeleteTopicsResponse(responses=[_result(one, disabled) for one in asked])

    times_named = Counter((one.name, one.topic_id) for one in asked)
    topics_named = Counter(topic.topic_id for one in times_named if (topic := _find(*one, ctx)) is not None)
    responses = []
    for (name, topic_id), times in times_named.items():
        one = DeleteTopicState(name, topic_id)
        topic = _find(name, topic_id, ctx)
        try:
            _check(one, times > 1 or (topic is not None and topics_named[topic.topic_id] > 1))
            if request.timeout_ms <= 0:
                raise KafkaError(ErrorCode.REQUEST_TIMED_OUT)
            responses.append(await _delete(one, ctx))
        except KafkaError as error:
            responses.append(_result(one, error.code, error.message))
    return DeleteTopicsResponse(responses=responses)


def _find(name: str | None, topic_id: bytes, ctx: RequestContext) -> Topic | None:
    return ctx.broker.topics.get(name) if name is not None else ctx.broker.topics.by_id(topic_id)


def _check(one: DeleteTopicState, repeated: bool) -> None:
    if one.name is None and one.topic_id == ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.")
    if one.name is not None and one.topic_id != ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id.")
    if repeated:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "The topic is named more than once.")


async def _delete(one: DeleteTopicState, ctx: RequestContext) -> DeletableTopicResult:
    # Found anew: another client may have deleted it while this request waited.
    topic = _find(one.name, one.topic_id, ctx)
    if topic is None:
        if one.name is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic.")
    await ctx.broker.topics.delete(topic)
    return DeletableTopicResult(topic.name, topic.topic_id)


def _result(one: DeleteTopicState, code: ErrorCode, message: str | None = None) -> DeletableTopicResult:
    return DeletableTopicResult(one.name, one.topic_id, code, message)
