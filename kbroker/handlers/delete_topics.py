"""DeleteTopics (key 20), versions 1-6; from version 6 (KIP-516) a topic is named by its name or by its id.

- a topic named more than once, in either way, is not deleted but answered once, with INVALID_REQUEST
- an unknown name is UNKNOWN_TOPIC_OR_PARTITION, an unknown id UNKNOWN_TOPIC_ID
- delete.topic.enable=false: TOPIC_DELETION_DISABLED for each topic
- a timeout of 0 or less has passed before anything could be done: REQUEST_TIMED_OUT, as from Apache Kafka
"""

from collections import Counter
from collections.abc import Iterable

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
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.topics import Topic

BY_ID_SINCE = 6
NOT_AUTHORIZED = "Not authorized."


async def handle(request: DeleteTopicsRequest, ctx: RequestContext) -> DeleteTopicsResponse:
    """Answer each topic on its own."""
    asked = request.topics
    if ctx.api_version < BY_ID_SINCE:
        asked = [DeleteTopicState(name) for name in request.topic_names]
    if not ctx.broker.config.bool("delete.topic.enable"):
        disabled = KafkaError(ErrorCode.TOPIC_DELETION_DISABLED)
        return DeleteTopicsResponse(responses=[_failure(one, disabled) for one in asked])
    if request.timeout_ms <= 0:
        timed_out = KafkaError(ErrorCode.REQUEST_TIMED_OUT)
        return DeleteTopicsResponse(responses=[_failure(one, timed_out) for one in asked])

    times_named = Counter((one.name, one.topic_id) for one in asked)
    both_ways = {
        topic
        for topic in _named_both_ways(times_named, ctx)
        if _may_delete(topic.name, ctx) and _may_describe(topic.name, ctx)
    }
    repeated = KafkaError(ErrorCode.INVALID_REQUEST, "The topic is named more than once.")
    responses = [_failure(DeleteTopicState(topic.name, topic.topic_id), repeated) for topic in both_ways]
    for (name, topic_id), times in times_named.items():
        one = DeleteTopicState(name, topic_id)
        if _find(one, ctx) in both_ways:
            continue
        try:
            if times > 1:
                raise repeated
            responses.append(await _delete(one, ctx))
        except KafkaError as error:
            responses.append(_failure(one, error))
    return DeleteTopicsResponse(responses=responses)


def _named_both_ways(asked: Iterable[tuple[str | None, bytes]], ctx: RequestContext) -> set[Topic]:
    found = [_find(DeleteTopicState(*one), ctx) for one in asked]
    return {topic for topic, times in Counter(found).items() if topic is not None and times > 1}


def _find(one: DeleteTopicState, ctx: RequestContext) -> Topic | None:
    """The topic, unless there is none or it is named by name and id at once, which is not allowed."""
    if one.name is None:
        return ctx.broker.topics.by_id(one.topic_id)
    return ctx.broker.topics.get(one.name) if one.topic_id == ZERO_UUID else None


async def _delete(one: DeleteTopicState, ctx: RequestContext) -> DeletableTopicResult:
    if one.name is None and one.topic_id == ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.")
    if one.name is not None and one.topic_id != ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id.")
    topic = _find(one, ctx)
    if one.name is not None and not _may_describe(one.name, ctx):
        raise KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED, NOT_AUTHORIZED)
    if topic is None:
        if one.name is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
        raise KafkaError(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."
        )
    if not _may_delete(topic.name, ctx):
        name = topic.name if one.name is not None or _may_describe(topic.name, ctx) else None
        refused = KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED, NOT_AUTHORIZED)
        return _failure(DeleteTopicState(name, one.topic_id), refused)
    if ctx.charge is not None:
        ctx.charge.mutate(topic.partitions)
    await ctx.broker.topics.delete(topic)
    return DeletableTopicResult(topic.name, topic.topic_id)


def _may_delete(name: str, ctx: RequestContext) -> bool:
    delete = AclOperation.DELETE
    return ctx.authorize_cluster(delete) or ctx.authorize(delete, AclResourceType.TOPIC, name)


def _may_describe(name: str, ctx: RequestContext) -> bool:
    """Whether the client may hear that there is such a topic; the name of one that it named by id, too."""
    describe = AclOperation.DESCRIBE
    return ctx.authorize_cluster(AclOperation.DELETE) or ctx.authorize(describe, AclResourceType.TOPIC, name)


def _failure(one: DeleteTopicState, error: KafkaError) -> DeletableTopicResult:
    return DeletableTopicResult(one.name, one.topic_id, error.code, error.message)
