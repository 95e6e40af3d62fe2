"""DescribeProducers (key 61), version 0: who writes to partitions, and has transactions open there (KIP-664)."""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.topics import check_topic_name


async def handle(request: DescribeProducersRequest, ctx: RequestContext) -> DescribeProducersResponse:
    """Answer each partition on its own."""
    return DescribeProducersResponse(
        topics=[
            TopicResponse(
                asked.name, [await _partition(asked.name, index, ctx) for index in asked.partition_indexes]
            )
            for asked in request.topics
        ]
    )


async def _partition(name: str, index: int, ctx: RequestContext) -> PartitionResponse:
    try:
        return PartitionResponse(index, ErrorCode.NONE, None, await _producers(name, index, ctx))
    except KafkaError as error:
        return PartitionResponse(index, error.code, error.message)


async def _producers(name: str, index: int, ctx: RequestContext) -> list[ProducerState]:
    if not ctx.authorize(AclOperation.READ, AclResourceType.TOPIC, name):
        raise KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED, "Not authorized to read the topic.")
    topic = ctx.broker.topics.get(name)
    if topic is None:
        check_topic_name(name)
        raise KafkaError(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."
        )
    if not 0 <= index < topic.partitions:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    partition = await ctx.broker.partition(topic, index)
    return [
        ProducerState(
            producer.producer_id,
            producer.producer_epoch,
            producer.last_sequence,
            producer.last_timestamp,
            producer.coordinator_epoch,
            producer.current_txn_start_offset,
        )
        for producer in await partition.store.active_producers()
    ]
