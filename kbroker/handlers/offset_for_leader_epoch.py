"""OffsetForLeaderEpoch (key 23), versions 2-4: where an epoch ended.

Clients ask to notice that a log was truncated under them (KIP-320). An epoch that the partition never had is
answered with epoch -1 and offset -1, not with an error.
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.leader_epoch import check_leader_epoch
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
)


async def handle(request: OffsetForLeaderEpochRequest, ctx: RequestContext) -> OffsetForLeaderEpochResponse:
    """Answer each partition on its own."""
    return OffsetForLeaderEpochResponse(
        topics=[
            OffsetForLeaderTopicResult(
                topic.topic, [await _partition(topic.topic, asked, ctx) for asked in topic.partitions]
            )
            for topic in request.topics
        ]
    )


async def _partition(name: str, asked: OffsetForLeaderPartition, ctx: RequestContext) -> EpochEndOffset:
    index = asked.partition
    try:
        topic = ctx.broker.topics.get(name)
        if topic is None or not 0 <= index < topic.partitions:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        store = (await ctx.broker.partition(topic, index)).store
        check_leader_epoch(asked.current_leader_epoch, store.leader_epoch)
        end = await store.offset_for_epoch(asked.leader_epoch)
    except KafkaError as error:
        return EpochEndOffset(error.code, index)
    return EpochEndOffset(ErrorCode.NONE, index, end.leader_epoch, end.end_offset)
