"""ListOffsets (key 2), versions 1-11.

- a timestamp of 0 or more: the first record at or after it; none found is offset -1 without an error
- -1 latest (last stable offset for read_committed), -2 earliest, -3 the record with the largest timestamp
  (v7, KIP-734), -4 earliest kept locally (v8), -5 latest in remote storage (v9), -6 earliest yet to go there
  (v11)
- other negative timestamps, or one too new for the version, are UNSUPPORTED_VERSION
- who says that it is a replica is told where the log ends, whatever is open in it
- a partition named twice is answered once, with INVALID_REQUEST
"""

from collections import Counter

from kbroker.broker.context import RequestContext
from kbroker.broker.leader_epoch import check_leader_epoch
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopicResponse,
)
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.storage.interfaces.logs import OffsetAndTimestamp, PartitionStore

LATEST = -1
EARLIEST = -2
MAX_TIMESTAMP = -3
EARLIEST_LOCAL = -4
LATEST_TIERED = -5
EARLIEST_PENDING_UPLOAD = -6

_SINCE_VERSION = {
    LATEST: 0,
    EARLIEST: 0,
    MAX_TIMESTAMP: 7,
    EARLIEST_LOCAL: 8,
    LATEST_TIERED: 9,
    EARLIEST_PENDING_UPLOAD: 11,
}
READ_UNCOMMITTED, READ_COMMITTED = 0, 1
CONSUMER = -1  # in place of a replica's id


async def handle(request: ListOffsetsRequest, ctx: RequestContext) -> ListOffsetsResponse:
    """Answer each topic once, each of its partitions on its own."""
    asked: dict[str, list[ListOffsetsPartition]] = {}
    for topic in request.topics:
        asked.setdefault(topic.name, []).extend(topic.partitions)
    return ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(name, await _topic(name, partitions, request, ctx))
            for name, partitions in asked.items()
            if partitions
        ]
    )


async def _topic(
    name: str, asked: list[ListOffsetsPartition], request: ListOffsetsRequest, ctx: RequestContext
) -> list[ListOffsetsPartitionResponse]:
    if not ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TOPIC, name):
        code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
        return [ListOffsetsPartitionResponse(one.partition_index, code) for one in asked]
    committed = request.isolation_level == READ_COMMITTED and request.replica_id == CONSUMER
    times_named = Counter(partition.partition_index for partition in asked)
    responses = []
    for partition in asked:
        index = partition.partition_index
        if times_named[index] > 1:
            continue
        try:
            if request.isolation_level not in (READ_UNCOMMITTED, READ_COMMITTED):
                raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
            found = await _partition(name, partition, committed, ctx)
        except KafkaError as error:
            responses.append(ListOffsetsPartitionResponse(index, error.code))
        else:
            responses.append(
                ListOffsetsPartitionResponse(
                    index, ErrorCode.NONE, found.timestamp, found.offset, found.leader_epoch
                )
            )
    for index, times in times_named.items():
        if times > 1:
            responses.append(ListOffsetsPartitionResponse(index, ErrorCode.INVALID_REQUEST))
    return responses


async def _partition(
    name: str, asked: ListOffsetsPartition, committed: bool, ctx: RequestContext
) -> OffsetAndTimestamp:
    topic = ctx.broker.topics.get(name)
    if topic is None or not 0 <= asked.partition_index < topic.partitions:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if asked.timestamp < 0 and ctx.api_version < _SINCE_VERSION.get(asked.timestamp, ctx.api_version + 1):
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
    store = (await ctx.broker.partition(topic, asked.partition_index)).store
    store.check()
    check_leader_epoch(asked.current_leader_epoch, store.leader_epoch)
    found = await _find(store, asked.timestamp, committed)
    return found or OffsetAndTimestamp(offset=-1, timestamp=-1, leader_epoch=-1)


async def _find(store: PartitionStore, timestamp: int, committed: bool) -> OffsetAndTimestamp | None:
    if timestamp == LATEST:
        offset = store.last_stable_offset if committed else store.high_watermark
        # What is written next will be in the current epoch, whichever the last record is in.
        return OffsetAndTimestamp(offset, -1, store.leader_epoch)
    if timestamp in (EARLIEST, EARLIEST_LOCAL):
        offset = store.log_start_offset
        return OffsetAndTimestamp(offset, -1, await store.epoch_of(offset))
    if timestamp == MAX_TIMESTAMP:
        return await store.max_timestamp()
    if timestamp in (LATEST_TIERED, EARLIEST_PENDING_UPLOAD):
        return None  # nothing is ever in remote storage
    return await store.offset_for_timestamp(timestamp, committed=committed)
