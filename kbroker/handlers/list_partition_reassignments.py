"""ListPartitionReassignments (key 46), version 0: there is one broker, so none is ever under way (KIP-455).

Topics and partitions that do not exist are left out like all others.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)
from kbroker.state.acls import AclOperation


async def handle(
    request: ListPartitionReassignmentsRequest, ctx: RequestContext
) -> ListPartitionReassignmentsResponse:
    """List none."""
    try:
        ctx.require_cluster(AclOperation.DESCRIBE)
    except KafkaError as error:
        return ListPartitionReassignmentsResponse(
            error_code=error.code,
            error_message=error.message,
            topics=[
                OngoingTopicReassignment(
                    topic.name, [OngoingPartitionReassignment(index) for index in topic.partition_indexes]
                )
                for topic in request.topics or ()
            ],
        )
    return ListPartitionReassignmentsResponse(error_message=None)
