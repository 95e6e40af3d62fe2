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
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from kbroker.protocol.schema import ZERO_UUID
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.groups.pending_offsets import PendingOffsets
from kbroker.state.offsets import CommittedOffset, CommittedOffsets

MANY_GROUPS_SINCE = 8
TOPIC_IDS_SINCE = 10
ERROR_OF_ALL_SINCE = 2
NOT_COMMITTED = CommittedOffset(-1, -1, "", -1, -1, ZERO_UUID)


async def handle(request: OffsetFetchRequest, ctx: RequestContext) -> OffsetFetchResponse:
    """Look the offsets up."""
    if ctx.api_version >= MANY_GROUPS_SINCE:
        return OffsetFetchResponse(
            groups=[_group(group, request.require_stable, ctx) for group in request.groups]
        )
    asked = None
    if request.topics is not None:
        asked = [
            OffsetFetchRequestTopics(one.name, ZERO_UUID, one.partition_indexes) for one in request.topics
        ]
    found = _group(OffsetFetchRequestGroup(request.group_id, topics=asked), request.require_stable, ctx)
    if found.error_code != ErrorCode.NONE:
        if ctx.api_version >= ERROR_OF_ALL_SINCE:
            return OffsetFetchResponse(error_code=found.error_code)
        found.topics = [
            _refused(one.name, ZERO_UUID, one.partition_indexes, ErrorCode(found.error_code))
            for one in asked or ()
        ]
    return OffsetFetchResponse(
        topics=[
            OffsetFetchResponseTopic(
                topic.name,
                [
                    OffsetFetchResponsePartition(
                        one.partition_index,
                        one.committed_offset,
                        one.committed_leader_epoch,
                        one.metadata,
                        one.error_code,
                    )
                    for one in topic.partitions
                ],
            )
            for topic in found.topics
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
    if not ctx.authorize(AclOperation.DESCRIBE, AclResourceType.GROUP, asked.group_id):
        return OffsetFetchResponseGroup(asked.group_id, error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED)
    offsets = _offsets_of(asked.group_id, require_stable, ctx)
    if asked.topics is None:
        topics = [
            _topic(topic, _topic_id(topic, ctx), partitions, offsets)
            for topic, partitions in offsets.all()
            if _may_describe(topic, ctx)
        ]
        return OffsetFetchResponseGroup(asked.group_id, topics)
    topics, refused = [], []
    for one in asked.topics:
        name, topic_id = one.name, one.topic_id
        if ctx.api_version >= TOPIC_IDS_SINCE:
            topic = ctx.broker.topics.by_id(topic_id)
            if topic is None:
                topics.append(_refused("", topic_id, one.partition_indexes, ErrorCode.UNKNOWN_TOPIC_ID))
                continue
            name = topic.name
        if _may_describe(name, ctx):
            topics.append(_topic(name, topic_id, one.partition_indexes, offsets))
        else:
            code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
            refused.append(_refused(name, topic_id, one.partition_indexes, code))
    return OffsetFetchResponseGroup(asked.group_id, topics + refused)


def _may_describe(topic: str, ctx: RequestContext) -> bool:
    return ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TOPIC, topic)


def _topic_id(name: str, ctx: RequestContext) -> bytes:
    topic = ctx.broker.topics.get(name)
    return ZERO_UUID if topic is None else topic.topic_id


def _topic(name: str, topic_id: bytes, partitions: list[int], offsets: _Offsets) -> OffsetFetchResponseTopics:
    return OffsetFetchResponseTopics(
        name, topic_id, [_partition(index, *offsets.look_up(name, index)) for index in partitions]
    )


def _refused(
    name: str, topic_id: bytes, partitions: list[int], error_code: ErrorCode
) -> OffsetFetchResponseTopics:
    return OffsetFetchResponseTopics(
        name, topic_id, [_partition(index, NOT_COMMITTED, error_code) for index in partitions]
    )


def _partition(
    index: int, committed: CommittedOffset, error_code: ErrorCode
) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        index, committed.offset, committed.leader_epoch, committed.metadata, error_code
    )
