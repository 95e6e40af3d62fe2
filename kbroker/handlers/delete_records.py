"""DeleteRecords (key 21), versions 0-2: raise a partition's log start offset (KIP-107).

- offset -1 is the high watermark; below -1 or above the high watermark is OFFSET_OUT_OF_RANGE; below the log
  start offset nothing happens
- POLICY_VIOLATION where the topic is only compacted, INVALID_TOPIC_EXCEPTION for Kafka's internal topics
- of a partition named twice the last offset counts
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.delete_records import (
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.topics import INTERNAL_TOPICS

HIGH_WATERMARK = -1


async def handle(request: DeleteRecordsRequest, ctx: RequestContext) -> DeleteRecordsResponse:
    """Answer each topic once, each of its partitions on its own."""
    offsets: dict[str, dict[int, int]] = {}
    for topic in request.topics:
        of_topic = offsets.setdefault(topic.name, {})
        for partition in topic.partitions:
            of_topic[partition.partition_index] = partition.offset
    return DeleteRecordsResponse(
        topics=[
            DeleteRecordsTopicResult(
                name, [await _partition(name, index, offset, ctx) for index, offset in of_topic.items()]
            )
            for name, of_topic in offsets.items()
            if of_topic
        ]
    )


async def _partition(name: str, index: int, offset: int, ctx: RequestContext) -> DeleteRecordsPartitionResult:
    try:
        return DeleteRecordsPartitionResult(index, await _delete(name, index, offset, ctx), ErrorCode.NONE)
    except KafkaError as error:
        return DeleteRecordsPartitionResult(index, -1, error.code)


async def _delete(name: str, index: int, offset: int, ctx: RequestContext) -> int:
    if not ctx.authorize(AclOperation.DELETE, AclResourceType.TOPIC, name):
        raise KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    if name in INTERNAL_TOPICS:
        raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION)
    topic = ctx.broker.topics.get(name)
    if topic is None or not 0 <= index < topic.partitions:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if topic.config.cleanup_policy == {"compact"}:
        raise KafkaError(ErrorCode.POLICY_VIOLATION)
    partition = await ctx.broker.partition(topic, index)
    store = partition.store
    store.check()
    before = store.high_watermark if offset == HIGH_WATERMARK else offset
    if not 0 <= before <= store.high_watermark:
        raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
    if before <= store.log_start_offset:
        return store.log_start_offset
    return await partition.delete_records(before)
