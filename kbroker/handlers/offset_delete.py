"""OffsetDelete (key 47), version 0: forget committed offsets (KIP-496).

- what the members of a live group subscribe to stays: GROUP_SUBSCRIBED_TO_TOPIC
- an error of the group is answered alone, without any topic
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)


async def handle(request: OffsetDeleteRequest, ctx: RequestContext) -> OffsetDeleteResponse:
    """Forget what may be forgotten."""
    if not request.group_id:
        return OffsetDeleteResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    offsets = ctx.broker.groups.offsets
    try:
        group = offsets.check_delete(request.group_id)
        unknown: dict[str, list[OffsetDeleteResponsePartition]] = {}
        known: dict[str, list[OffsetDeleteResponsePartition]] = {}
        deletable = []
        for asked in request.topics:
            topic = ctx.broker.topics.get(asked.name)
            for one in asked.partitions:
                index = one.partition_index
                if topic is None or not 0 <= index < topic.partitions:
                    answers, error_code = unknown, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                elif group.is_subscribed_to(asked.name):
                    answers, error_code = known, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
                else:
                    answers, error_code = known, ErrorCode.NONE
                    deletable.append((asked.name, index))
                answers.setdefault(asked.name, []).append(OffsetDeleteResponsePartition(index, error_code))
        await offsets.delete(group, deletable)
    except KafkaError as error:
        return OffsetDeleteResponse(error_code=error.code)
    for name, partitions in known.items():
        unknown.setdefault(name, []).extend(partitions)
    return OffsetDeleteResponse(
        topics=[OffsetDeleteResponseTopic(name, partitions) for name, partitions in unknown.items()]
    )
