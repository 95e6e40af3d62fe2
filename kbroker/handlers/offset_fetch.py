"""OffsetFetch (key 9), versions 1-10: how far groups have come.

- topics null: all that the group has committed; a partition without a commit has offset -1 and no error
- v8 asks for many groups at once (KIP-709); v10 names topics by id (KIP-848)
- an unknown group is one that has not committed anything
- who asks for stable offsets hears of those that a transaction is about to change: UNSTABLE_OFFSET_COMMIT (KIP-447)
"""

from attrs import define

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
from kbroker.state.groups.pending_offsets import PendingOffsets
from kbroker.state.offsets import CommittedOffset, CommittedOffsets

MANY_GROUPS_SINCE = 8
TOPIC_IDS_SINCE = 10
NOT_COMMITTED = CommittedOffset(-1, -1, "", -1, -1, ZERO_UUID)


async def handle(request: OffsetFetchRequest, ctx: RequestContext) -> OffsetFetchResponse:
    """Look the offsets up."""
    if ctx.api_version >= MANY_GROUPS_SINCE:
        return OffsetFetchResponse(
            groups=[_group(group, request.require_stable, ctx) for group in request.groups]
        )
    offsets = _offsets_of(request.group_id, request.require_stable, ctx)
    if request.topics is None:
        asked = offsets.all()
    else:
        asked = [(topic.name, topic.partition_indexes) for topic in request.topics]
    return OffsetFetchResponse(
        topics=[
            OffsetFetchResponseTopic(
                topic,
                [
                    OffsetFetchResponsePartition(
                        partition, committed.offset, committed.leader_epoch, committed.metadata, error_code
                    )
                    for partition in partitions
                    for committed, error_code in [offsets.look_up(topic, partition)]
                ],
            )
            for topic, partitions in asked
        ]
    )


@define
class _Offsets:
    """What a group has committed, as one asks who wants stable offsets or doesn't mind."""

    committed: CommittedOffsets
    pending: PendingOffsets

    def all(self) -> list[tuple[str, list[int]]]:
        """Every partition that has an offset."""
        return [(topic, list(partitions)) for topic, partitions in self.committed.by_topic.items()]

    def look_up(self, topic: str, partition: int) -> tuple[CommittedOffset, ErrorCode]:
        """A partition's offset, and what keeps it from being told."""
        if (topic, partition) in self.pending:
            return NOT_COMMITTED, ErrorCode.UNSTABLE_OFFSET_COMMIT
        return self.committed.get(topic, partition) or NOT_COMMITTED, ErrorCode.NONE


def _offsets_of(group_id: str, require_stable: bool, ctx: RequestContext) -> _Offsets:
    group = ctx.broker.groups.get(group_id)
    if group is None:
        return _Offsets(CommittedOffsets(), PendingOffsets())
    return _Offsets(group.offsets, group.pending_offsets if require_stable else PendingOffsets())


def _group(
    asked: OffsetFetchRequestGroup, require_stable: bool, ctx: RequestContext
) -> OffsetFetchResponseGroup:
    offsets = _offsets_of(asked.group_id, require_stable, ctx)
    if asked.topics is None:
        topics = [
            _topic(topic, _topic_id(topic, ctx), partitions, offsets) for topic, partitions in offsets.all()
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


def _topic(name: str, topic_id: bytes, partitions: list[int], offsets: _Offsets) -> OffsetFetchResponseTopics:
    return OffsetFetchResponseTopics(
        name, topic_id, [_partition(index, *offsets.look_up(name, index)) for index in partitions]
    )


def _topic_by_id(
    topic_id: bytes, partitions: list[int], offsets: _Offsets, ctx: RequestContext
) -> OffsetFetchResponseTopics:
    topic = ctx.broker.topics.by_id(topic_id)
    if topic is not None:
        return _topic(topic.name, topic_id, partitions, offsets)
    return OffsetFetchResponseTopics(
        "", topic_id, [_partition(index, NOT_COMMITTED, ErrorCode.UNKNOWN_TOPIC_ID) for index in partitions]
    )


def _partition(
    index: int, committed: CommittedOffset, error_code: ErrorCode
) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        index, committed.offset, committed.leader_epoch, committed.metadata, error_code
    )
