"""AlterPartitionReassignments (key 45), versions 0-1: move partitions to other brokers (KIP-455, KIP-860).

There is one broker, so a partition is already where it may be moved to, and no move is ever under way:

- naming this broker alone is done at once, any other INVALID_REPLICA_ASSIGNMENT
- cancelling is NO_REASSIGNMENT_IN_PROGRESS
- without a positive timeout nothing is in time; without a topic there is nothing to do
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignablePartitionResponse,
    ReassignableTopic,
    ReassignableTopicResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation
from kbroker.state.partition_layout import check_replicas


async def handle(
    request: AlterPartitionReassignmentsRequest, ctx: RequestContext
) -> AlterPartitionReassignmentsResponse:
    """Answer each partition on its own."""
    if not ctx.authorize_cluster(AclOperation.ALTER):
        return _refused(request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "The request is not authorized.")
    if not request.topics:
        return AlterPartitionReassignmentsResponse()
    if request.timeout_ms <= 0:
        return _refused(request, ErrorCode.REQUEST_TIMED_OUT)
    return AlterPartitionReassignmentsResponse(
        allow_replication_factor_change=request.allow_replication_factor_change,
        error_message=None,
        responses=[
            ReassignableTopicResponse(topic.name, [_answer(topic, each, ctx) for each in topic.partitions])
            for topic in request.topics
        ],
    )


def _refused(
    request: AlterPartitionReassignmentsRequest, error: ErrorCode, message: str | None = None
) -> AlterPartitionReassignmentsResponse:
    return AlterPartitionReassignmentsResponse(
        error_code=error,
        error_message=message,
        responses=[
            ReassignableTopicResponse(
                topic.name,
                [
                    ReassignablePartitionResponse(each.partition_index, error, message)
                    for each in topic.partitions
                ],
            )
            for topic in request.topics
        ],
    )


def _answer(
    topic: ReassignableTopic, asked: ReassignablePartition, ctx: RequestContext
) -> ReassignablePartitionResponse:
    try:
        _check(topic.name, asked, ctx)
    except KafkaError as error:
        return ReassignablePartitionResponse(asked.partition_index, error.code, error.message)
    return ReassignablePartitionResponse(asked.partition_index, ErrorCode.NONE, None)


def _check(name: str, asked: ReassignablePartition, ctx: RequestContext) -> None:
    """Raises KafkaError: UNKNOWN_TOPIC_OR_PARTITION, NO_REASSIGNMENT_IN_PROGRESS, INVALID_REPLICA_ASSIGNMENT."""
    topic, index = ctx.broker.topics.get(name), asked.partition_index
    if topic is None:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find a topic named {name}.")
    if not 0 <= index < topic.partitions:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find partition {name}:{index}.")
    if asked.replicas is None:
        raise KafkaError(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
    check_replicas(asked.replicas, {ctx.broker.node_id})
