"""ListGroups (key 16), versions 0-5: all groups, or those of given states (v4, KIP-518) and types (v5).

Who may not describe the cluster is told of the groups that he may describe.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse
from kbroker.state.acls import AclOperation, AclResourceType

CLASSIC = "classic"


async def handle(request: ListGroupsRequest, ctx: RequestContext) -> ListGroupsResponse:
    """List what the filters let through; an unknown state or type matches nothing."""
    states = {state.strip().lower() for state in request.states_filter}
    types = {group_type.lower() for group_type in request.types_filter}
    all_of_them = ctx.authorize_cluster(AclOperation.DESCRIBE)
    return ListGroupsResponse(
        groups=[
            ListedGroup(group.group_id, group.protocol_type or "", group.state, CLASSIC)
            for group in ctx.broker.groups.all()
            if all_of_them or ctx.authorize(AclOperation.DESCRIBE, AclResourceType.GROUP, group.group_id)
            if (not states or group.state.lower() in states) and (not types or CLASSIC in types)
        ]
    )
