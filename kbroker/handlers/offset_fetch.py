"""OffsetFetch (key 9), versions 1-10: how far groups have come.

- topics null: all that the group has committed; a partition without a commit has offset -1 and no error
- v8 asks for many groups at once (KIP-709); v10 names topics by id (KIP-848)
- an unknown group is one that has not committed anything
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from kbroker.protocol.schema import ZERO_UUID
from kbroker.state.offsets import CommittedOffset, CommittedOffsets

MANY_GROUPS_SINCE = 8
TOPIC_IDS_SINCE = 10
NOT_COMMITTED = CommittedOffset(-1, -1, "", -1, -1, ZERO_UUID)


async def handle(request: OffsetFetchRequest, ctx: RequestContext) -> OffsetFetchResponse:
    """Look the offsets up."""
    if ctx.api_version >= MANY_GROUPS_SINCE:
        return OffsetFetchResponse(groups=[_group(group, ctx) for group in request.groups])
    offsets = _offsets_of(request.group_id, ctx)
    if request.topics is None:
        asked = [(topic, list(partitions)) for topic, partitions in offsets.by_topic.items()]
    else:
        asked = [(topic.name, topic.partition_indexes) for topic in request.topics]
    return OffsetFetchResponse(
        topics=[
            OffsetFetchResponseTopic(
                topic,
                [
                    OffsetFetchResponsePartition(
                        partition, committed.offset, committed.leader_epoch, committed.metadata
                    )
                    for partition in partitions
                    for committed in [offsets.get(topic, partition) or NOT_COMMITTED]
                ],
            )
            for topic, partitions in asked
        ]
    )


def _offsets_of(group_id: str, ctx: RequestContext) -> CommittedOffsets:
    group = ctx.broker.groups.get(group_id)
    return CommittedOffsets() if group is None else group.offsets


def _group(asked: OffsetFetchRequestGroup, ctx: RequestContext) -> OffsetFetchResponseGroup:
    offsets = _offsets_of(asked.group_id, ctx)
    if asked.topics is None:
        topics = [
            _topic(topic, _topic_id(topic, ctx), list(partitions), offsets)
            for topic, partitions in offsets.by_topic.items()
        ]
    elif ctx.api_version < TOPIC_IDS_SINCE:
        topics = [_topic(topic.name, ZERO_UUID, topic.partition_indexes, offsets) for topic in asked.topics]
    else:
        topics = [
            _topic_by_id(topic.topic_id, topic.partition_indexes, offsets, ctx) for topic in asked.topics
        ]
    return OffsetFetchResponseGroup(asked.group_id, topics)


def _topic_id(name: str, ctx: RequestContext) -> bytes:
    topic = ctx.broker.topics.get(name)
    return ZERO_UUID if topic is None else topic.topic_id


def _topic(
    name: str, topic_id: bytes, partitions: list[int], offsets: CommittedOffsets
) -> OffsetFetchResponseTopics:
    return OffsetFetchResponseTopics(
        name,
        topic_id,
        [_partition(index, offsets.get(name, index) or NOT_COMMITTED) for index in partitions],
    )


def _topic_by_id(
    topic_id: bytes, partitions: list[int], offsets: CommittedOffsets, ctx: RequestContext
) -> OffsetFetchResponseTopics:
    topic = ctx.broker.topics.by_id(topic_id)
    if topic is not None:
        return _topic(topic.name, topic_id, partitions, offsets)
    return OffsetFetchResponseTopics(
        "", topic_id, [_partition(index, NOT_COMMITTED, ErrorCode.UNKNOWN_TOPIC_ID) for index in partitions]
    )


def _partition(
    index: int, committed: CommittedOffset, error_code: ErrorCode = ErrorCode.NONE
) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        index, committed.offset, committed.leader_epoch, committed.metadata, error_code
    )
