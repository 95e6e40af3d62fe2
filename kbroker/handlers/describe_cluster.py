"""DescribeCluster (key 60), versions 0-2: the brokers, and who is controller (KIP-700).

The endpoint type (v1, KIP-919) must be that of brokers: this broker has no controller endpoint.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import AclOperation
from kbroker.state.authorized_operations import NOT_REQUESTED

BROKER_ENDPOINT, CONTROLLER_ENDPOINT = 1, 2


async def handle(request: DescribeClusterRequest, ctx: RequestContext) -> DescribeClusterResponse:
    """Describe the one broker there is."""
    if request.endpoint_type == CONTROLLER_ENDPOINT:
        return DescribeClusterResponse(
            error_code=ErrorCode.MISMATCHED_ENDPOINT_TYPE,
            error_message="The request was sent to a broker, but asks for an endpoint of type CONTROLLER",
        )
    if request.endpoint_type != BROKER_ENDPOINT:
        return DescribeClusterResponse(
            error_code=ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
            error_message=f"Unsupported endpoint type {request.endpoint_type}",
        )
    broker, endpoint = ctx.broker, ctx.connection.advertised
    asked = request.include_cluster_authorized_operations
    return DescribeClusterResponse(
        cluster_id=broker.cluster_id,
        controller_id=broker.node_id,
        brokers=[DescribeClusterBroker(broker.node_id, endpoint.host, endpoint.port, broker.rack)],
        cluster_authorized_operations=_operations(ctx) if asked else NOT_REQUESTED,
    )


def _operations(ctx: RequestContext) -> int:
    return ctx.cluster_operations() if ctx.authorize_cluster(AclOperation.DESCRIBE) else 0
