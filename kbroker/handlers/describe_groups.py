"""DescribeGroups (key 15), versions 0-6: state and members of classic groups.

- a group that doesn't exist is Dead; from v6 on it is an error, too: GROUP_ID_NOT_FOUND (KIP-1043)
- subscriptions are only shown while the group is stable
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.authorized_operations import NOT_REQUESTED
from kbroker.state.groups.group import Group, GroupState

NOT_FOUND_SINCE = 6


async def handle(request: DescribeGroupsRequest, ctx: RequestContext) -> DescribeGroupsResponse:
    """Describe each group asked for."""
    refused, groups = [], []
    for group_id in request.groups:
        if not ctx.authorize(AclOperation.DESCRIBE, AclResourceType.GROUP, group_id):
            refused.append(_refused(group_id))
            continue
        group = ctx.broker.groups.get(group_id)
        described = _missing(group_id, ctx.api_version) if group is None else _describe(group)
        if request.include_authorized_operations and described.error_code == ErrorCode.NONE:
            described.authorized_operations = ctx.authorized_operations(AclResourceType.GROUP, group_id)
        groups.append(described)
    return DescribeGroupsResponse(groups=refused + groups)


def _refused(group_id: str) -> DescribedGroup:
    return DescribedGroup(
        ErrorCode.GROUP_AUTHORIZATION_FAILED, group_id=group_id, authorized_operations=NOT_REQUESTED
    )


def _missing(group_id: str, version: int) -> DescribedGroup:
    described = DescribedGroup(
        group_id=group_id, group_state=GroupState.DEAD, authorized_operations=NOT_REQUESTED
    )
    if version >= NOT_FOUND_SINCE:
        described.error_code = ErrorCode.GROUP_ID_NOT_FOUND
        described.error_message = f"Group {group_id} not found."
    return described


def _describe(group: Group) -> DescribedGroup:
    stable = group.state is GroupState.STABLE
    return DescribedGroup(
        group_id=group.group_id,
        group_state=group.state,
        protocol_type=group.protocol_type or "",
        protocol_data=(group.protocol_name or "") if stable else "",
        members=[
            DescribedGroupMember(
                member.member_id,
                member.group_instance_id,
                member.client_id,
                member.client_host,
                member.metadata(group.protocol_name) if stable else b"",
                member.assignment,
            )
            for member in group.members.values()
        ],
        authorized_operations=NOT_REQUESTED,
    )
