"""OffsetDelete (key 47), version 0: forget committed offsets (KIP-496).

- what the members of a live group subscribe to stays: GROUP_SUBSCRIBED_TO_TOPIC
- an error of the group is answered alone, without any topic
"""

from typing import TYPE_CHECKING

from kbroker.broker.context import RequestContext
from kbroker.broker.topic_answers import merged
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from kbroker.state.acls import AclOperation, AclResourceType

if TYPE_CHECKING:
    from kbroker.state.offsets import TopicPartition


async def handle(request: OffsetDeleteRequest, ctx: RequestContext) -> OffsetDeleteResponse:
    """Forget what may be forgotten."""
    if not ctx.authorize(AclOperation.DELETE, AclResourceType.GROUP, request.group_id):
        return OffsetDeleteResponse(error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED)
    if not request.group_id:
        return OffsetDeleteResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    offsets = ctx.broker.groups.offsets
    unknown: list[OffsetDeleteResponseTopic] = []
    known: list[OffsetDeleteResponseTopic] = []
    deletable: list[TopicPartition] = []
    try:
        group = offsets.check_delete(request.group_id)
        for asked in request.topics:
            if not ctx.authorize(AclOperation.READ, AclResourceType.TOPIC, asked.name):
                indexes = [one.partition_index for one in asked.partitions]
                unknown.append(_answer(asked.name, indexes, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
                continue
            topic = ctx.broker.topics.get(asked.name)
            count = 0 if topic is None else topic.partitions
            indexes = [one.partition_index for one in asked.partitions]
            there = [index for index in indexes if 0 <= index < count]
            missing = [index for index in indexes if not 0 <= index < count]
            if missing:
                unknown.append(_answer(asked.name, missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
            if there and group.is_subscribed_to(asked.name):
                known.append(_answer(asked.name, there, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC))
            elif there:
                known.append(_answer(asked.name, there, ErrorCode.NONE))
                deletable.extend((asked.name, index) for index in there)
        await offsets.delete(group, deletable)
    except KafkaError as error:
        return OffsetDeleteResponse(error_code=error.code)
    return OffsetDeleteResponse(topics=merged(unknown, known, _topic_of))


def _answer(name: str, indexes: list[int], error_code: ErrorCode) -> OffsetDeleteResponseTopic:
    return OffsetDeleteResponseTopic(
        name, [OffsetDeleteResponsePartition(index, error_code) for index in indexes]
    )


def _topic_of(answer: OffsetDeleteResponseTopic) -> str:
    return answer.name
