"""SyncGroup (key 14), versions 0-5: get one's assignment; answered when the leader's call has brought it.

From v5 on the protocol's type and name must be there, and be the group's (KIP-559).
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.sync_group import SyncGroupRequest, SyncGroupResponse
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.groups.sync import SyncCall

PROTOCOL_SINCE = 5


async def handle(request: SyncGroupRequest, ctx: RequestContext) -> SyncGroupResponse:
    """Hand in or wait for the assignment."""
    if ctx.api_version >= PROTOCOL_SINCE and (request.protocol_type is None or request.protocol_name is None):
        return SyncGroupResponse(error_code=ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        return SyncGroupResponse(error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED)
    if not request.group_id:
        return SyncGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    call = SyncCall(
        member_id=request.member_id,
        group_instance_id=request.group_instance_id,
        generation_id=request.generation_id,
        protocol_type=request.protocol_type,
        protocol_name=request.protocol_name,
        assignments={one.member_id: one.assignment for one in request.assignments},
    )
    answer = await ctx.broker.groups.sync(request.group_id, call, ctx)
    return SyncGroupResponse(
        error_code=answer.error_code,
        protocol_type=answer.protocol_type,
        protocol_name=answer.protocol_name,
        assignment=answer.assignment,
    )
