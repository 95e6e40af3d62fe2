"""Heartbeat (key 12), versions 0-4: stay a member, and hear of rebalances (REBALANCE_IN_PROGRESS)."""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.heartbeat import HeartbeatRequest, HeartbeatResponse
from kbroker.state.acls import AclOperation, AclResourceType


async def handle(request: HeartbeatRequest, ctx: RequestContext) -> HeartbeatResponse:
    """Extend the member's session."""
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        return HeartbeatResponse(error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED)
    if not request.group_id:
        return HeartbeatResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    try:
        ctx.broker.groups.heartbeat(
            request.group_id, request.member_id, request.group_instance_id, request.generation_id
        )
    except KafkaError as error:
        return HeartbeatResponse(error_code=error.code)
    return HeartbeatResponse()
