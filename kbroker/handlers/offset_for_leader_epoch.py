"""OffsetForLeaderEpoch (key 23), versions 2-4: where an epoch ended.

Clients ask to notice that a log was truncated under them (KIP-320). An epoch that the partition never had is
answered with epoch -1 and offset -1, not with an error. Topics that the client may not describe come last.
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
from kbroker.state.acls import AclOperation, AclResourceType


async def handle(request: OffsetForLeaderEpochRequest, ctx: RequestContext) -> OffsetForLeaderEpochResponse:
    """Answer each partition on its own."""
    replica = ctx.authorize_cluster(AclOperation.CLUSTER_ACTION)  # what other brokers may do
    answered, refused = [], []
    for topic in request.topics:
        if replica or ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TOPIC, topic.topic):
            partitions = [await _partition(topic.topic, asked, ctx) for asked in topic.partitions]
            answered.append(OffsetForLeaderTopicResult(topic.topic, partitions))
        else:
            code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
            partitions = [EpochEndOffset(code, asked.partition) for asked in topic.partitions]
            refused.append(OffsetForLeaderTopicResult(topic.topic, partitions))
    return OffsetForLeaderEpochResponse(topics=answered + refused)


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
