"""ListPartitionReassignments (key 46), version 0: there is one broker, so none is ever under way (KIP-455).

Topics and partitions that do not exist are left out like all others.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from kbroker.state.acls import AclOperation


async def handle(
    _request: ListPartitionReassignmentsRequest, ctx: RequestContext
) -> ListPartitionReassignmentsResponse:
    """List none."""
    allowed = ctx.authorize_cluster(AclOperation.DESCRIBE)
    return ListPartitionReassignmentsResponse(
        error_code=ErrorCode.NONE if allowed else ErrorCode.CLUSTER_AUTHORIZATION_FAILED, error_message=None
    )
