"""JoinGroup (key 11), versions 0-9: become a member of a classic group; answered after the rebalance.

- from v4 on a dynamic member without an id is sent back with one, MEMBER_ID_REQUIRED (KIP-394)
- v0 has no rebalance timeout: the session timeout is meant
- v9 tells the leader when it need not assign anew (KIP-814)
"""

import uuid

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.groups.effects import JoinAnswer
from kbroker.state.groups.member import JoinCall

REBALANCE_TIMEOUT_SINCE = 1
MEMBER_ID_REQUIRED_SINCE = 4
NULLABLE_PROTOCOL_NAME_SINCE = 7
SKIP_ASSIGNMENT_SINCE = 9


async def handle(request: JoinGroupRequest, ctx: RequestContext) -> JoinGroupResponse:
    """Join, and wait for the others."""
    config = ctx.broker.config
    shortest = config.int("group.min.session.timeout.ms")
    longest = config.int("group.max.session.timeout.ms")
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        answer = JoinAnswer(ErrorCode.GROUP_AUTHORIZATION_FAILED, "")
    elif not request.group_id:
        answer = JoinAnswer(ErrorCode.INVALID_GROUP_ID, request.member_id)
    elif not shortest <= request.session_timeout_ms <= longest:
        answer = JoinAnswer(ErrorCode.INVALID_SESSION_TIMEOUT, request.member_id)
    else:
        answer = await ctx.broker.groups.join(request.group_id, _call(request, ctx), ctx)
    return _response(answer, ctx.api_version)


def _call(request: JoinGroupRequest, ctx: RequestContext) -> JoinCall:
    version = ctx.api_version
    client_id = ctx.client_id or ""
    prefix = client_id if request.group_instance_id is None else request.group_instance_id
    return JoinCall(
        member_id=request.member_id,
        group_instance_id=request.group_instance_id,
        client_id=client_id,
        client_host=f"/{ctx.connection.client_host}",  # the slash is how Kafka's tools know it
        session_timeout_ms=request.session_timeout_ms,
        rebalance_timeout_ms=(
            request.rebalance_timeout_ms if version >= REBALANCE_TIMEOUT_SINCE else request.session_timeout_ms
        ),
        protocol_type=request.protocol_type,
        protocols=[(protocol.name, protocol.metadata) for protocol in request.protocols],
        new_member_id="" if request.member_id else f"{prefix}-{uuid.uuid4()}",
        must_know_member_id=version >= MEMBER_ID_REQUIRED_SINCE,
        may_skip_assignment=version >= SKIP_ASSIGNMENT_SINCE,
    )


def _response(answer: JoinAnswer, version: int) -> JoinGroupResponse:
    no_name = None if version >= NULLABLE_PROTOCOL_NAME_SINCE else ""
    return JoinGroupResponse(
        error_code=answer.error_code,
        generation_id=answer.generation_id,
        protocol_type=answer.protocol_type,
        protocol_name=answer.protocol_name or no_name,
        leader=answer.leader,
        skip_assignment=answer.skip_assignment,
        member_id=answer.member_id,
        members=[
            JoinGroupResponseMember(member.member_id, member.group_instance_id, member.metadata)
            for member in answer.members
        ],
    )
