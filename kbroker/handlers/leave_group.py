"""LeaveGroup (key 13), versions 0-5: leave, or remove members.

- v0-2 name one member, and its error is the request's
- from v3 on many, also static ones by their instance id alone (KIP-345), each with an error of its own
"""

import logging

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.groups.leave import Leaving

MANY_MEMBERS_SINCE = 3

log = logging.getLogger(__name__)


async def handle(request: LeaveGroupRequest, ctx: RequestContext) -> LeaveGroupResponse:
    """Remove the members and let the others rebalance."""
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        return LeaveGroupResponse(error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED)
    if not request.group_id:
        return LeaveGroupResponse(error_code=ErrorCode.INVALID_GROUP_ID)
    one_only = ctx.api_version < MANY_MEMBERS_SINCE
    members = [MemberIdentity(member_id=request.member_id)] if one_only else request.members
    leaving = [Leaving(member.member_id, member.group_instance_id) for member in members]
    await ctx.broker.groups.leave(request.group_id, leaving)
    for member in members:
        if member.reason:
            log.debug("Group %r: member %r leaves: %r", request.group_id, member.member_id, member.reason)
    if one_only:
        return LeaveGroupResponse(error_code=leaving[0].error_code)
    return LeaveGroupResponse(
        members=[MemberResponse(one.member_id, one.group_instance_id, one.error_code) for one in leaving]
    )
