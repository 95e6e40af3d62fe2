"""DescribeTopicPartitions (key 75), version 0: topics and partitions page by page, by name (KIP-966).

- an empty list of topics is all of them, from the cursor's topic on
- a page holds at most response_partition_limit partitions, bounded by max.request.partition.size.limit;
  a limit of 0 or less gives one
- an error in one topic doesn't count; a cursor whose topic isn't asked for makes all INVALID_REQUEST
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.topics import INTERNAL_TOPICS, Topic, check_topic_name

NO_LEADER = -1


async def handle(
    request: DescribeTopicPartitionsRequest, ctx: RequestContext
) -> DescribeTopicPartitionsResponse:
    """Give the page that begins at the cursor."""
    cursor = request.cursor
    try:
        names = _names(request, ctx)
    except KafkaError as error:
        return DescribeTopicPartitionsResponse(
            topics=[DescribeTopicPartitionsResponseTopic(error.code, one.name) for one in request.topics]
        )
    allowed, hidden = _split(names, asked_for_all=not request.topics, ctx=ctx)
    left = min(
        max(request.response_partition_limit, 1), ctx.broker.config.int("max.request.partition.size.limit")
    )
    topics = []
    next_cursor = None
    for name in allowed:
        if left == 0:
            next_cursor = Cursor(name, 0)
            break
        topic = ctx.broker.topics.get(name)
        if topic is None:
            topics.append(_unknown(name, ctx))
            continue
        first = cursor.partition_index if cursor is not None and cursor.topic_name == name else 0
        end = min(topic.partitions, first + left)
        topics.append(_describe(topic, first, end, ctx))
        left -= max(end - first, 0)
        if end < topic.partitions:
            next_cursor = Cursor(name, end)
            break
    return DescribeTopicPartitionsResponse(topics=hidden + topics, next_cursor=next_cursor)


def _names(request: DescribeTopicPartitionsRequest, ctx: RequestContext) -> list[str]:
    """The names to describe, in order, from the cursor on. Raises KafkaError if there are none."""
    cursor = request.cursor
    asked = {one.name for one in request.topics}
    if "" in asked:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    if cursor is not None and (cursor.partition_index < 0 or (asked and cursor.topic_name not in asked)):
        raise KafkaError(ErrorCode.INVALID_REQUEST)
    names = sorted(asked or {topic.name for topic in ctx.broker.topics.all()})
    return [name for name in names if cursor is None or name >= cursor.topic_name]


def _split(
    names: list[str], *, asked_for_all: bool, ctx: RequestContext
) -> tuple[list[str], list[DescribeTopicPartitionsResponseTopic]]:
    """The topics that may be described, and the answers about the others, of which nothing is told unasked."""
    allowed, hidden = [], []
    for name in names:
        if ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TOPIC, name):
            allowed.append(name)
        elif not asked_for_all:
            code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
            hidden.append(DescribeTopicPartitionsResponseTopic(code, name))
    return allowed, hidden


def _describe(
    topic: Topic, first: int, end: int, ctx: RequestContext
) -> DescribeTopicPartitionsResponseTopic:
    return DescribeTopicPartitionsResponseTopic(
        ErrorCode.NONE,
        topic.name,
        topic.topic_id,
        topic.internal,
        [_partition(topic, index, ctx) for index in range(first, end)],
        ctx.authorized_operations(AclResourceType.TOPIC, topic.name),
    )


def _partition(topic: Topic, index: int, ctx: RequestContext) -> DescribeTopicPartitionsResponsePartition:
    nodes = [ctx.broker.node_id]
    offline = ctx.broker.is_offline(topic, index)
    return DescribeTopicPartitionsResponsePartition(
        ErrorCode.NONE,
        index,
        NO_LEADER if offline else ctx.broker.node_id,
        ctx.broker.leader_epoch(topic, index),
        nodes,
        [] if offline else nodes,
        eligible_leader_replicas=nodes if offline else [],
        last_known_elr=nodes if offline else [],
        offline_replicas=nodes if offline else [],
    )


def _unknown(name: str, ctx: RequestContext) -> DescribeTopicPartitionsResponseTopic:
    try:
        check_topic_name(name)
        code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    except KafkaError as error:
        code = error.code
    return DescribeTopicPartitionsResponseTopic(
        code,
        name,
        is_internal=name in INTERNAL_TOPICS,
        topic_authorized_operations=ctx.authorized_operations(AclResourceType.TOPIC, name),
    )
