"""DescribeQuorum (key 55), versions 0-2: who keeps the cluster's metadata (KIP-595, KIP-836, KIP-853).

This broker keeps them itself, and answers like a quorum of one voter that never lost an election:

- the high watermark counts the changes of metadata, of which the cluster's making was the first
- the voter's directory is the data directory; it can be reached where clients reach this broker
- anything but that one partition, alone, is UNKNOWN_TOPIC_OR_PARTITION
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    Listener,
    Node,
    ReplicaState,
    RequestPartitionData,
    RequestTopicData,
    ResponsePartitionData,
    ResponseTopicData,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation

METADATA_TOPIC = "__cluster_metadata"
THE_METADATA = [RequestTopicData(METADATA_TOPIC, [RequestPartitionData(0)])]
EPOCH = 1
UNKNOWN = "This server does not host this topic-partition."


async def handle(request: DescribeQuorumRequest, ctx: RequestContext) -> DescribeQuorumResponse:
    """Describe the one voter, or answer each partition with an error."""
    try:
        ctx.require_cluster(AclOperation.DESCRIBE)
        if request.topics != THE_METADATA:
            return DescribeQuorumResponse(topics=[_unknown(topic) for topic in request.topics])
        partition = await _partition(ctx)
    except KafkaError as error:
        return DescribeQuorumResponse(error_code=error.code, error_message=error.message)
    endpoint = ctx.connection.advertised
    listener = Listener(ctx.connection.listener, endpoint.host, endpoint.port)
    return DescribeQuorumResponse(
        topics=[ResponseTopicData(METADATA_TOPIC, [partition])],
        nodes=[Node(ctx.broker.node_id, [listener])],
    )


async def _partition(ctx: RequestContext) -> ResponsePartitionData:
    """Raises KafkaError KAFKA_STORAGE_ERROR."""
    broker = ctx.broker
    end = 1 + await broker.metadata_changes()
    directory = (await broker.log_dirs())[0].directory_id
    now_ms = broker.clock.now_ms()
    return ResponsePartitionData(
        leader_id=broker.node_id,
        leader_epoch=EPOCH,
        high_watermark=end,
        current_voters=[ReplicaState(broker.node_id, directory, end, now_ms, now_ms)],
        observers=[],
    )


def _unknown(topic: RequestTopicData) -> ResponseTopicData:
    return ResponseTopicData(
        topic.topic_name,
        [
            ResponsePartitionData(
                partition.partition_index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, error_message=UNKNOWN
            )
            for partition in topic.partitions
        ],
    )
