"""ListGroups (key 16), versions 0-5: all groups, or those of given states (v4, KIP-518) and types (v5)."""

from kbroker.broker.context import RequestContext
from kbroker.protocol.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse

CLASSIC = "classic"


async def handle(request: ListGroupsRequest, ctx: RequestContext) -> ListGroupsResponse:
    """List what the filters let through; an unknown state or type matches nothing."""
    states = {state.strip().lower() for state in request.states_filter}
    types = {group_type.lower() for group_type in request.types_filter}
    return ListGroupsResponse(
        groups=[
            ListedGroup(group.group_id, group.protocol_type or "", group.state, CLASSIC)
            for group in ctx.broker.groups.all()
            if (not states or group.state.lower() in states) and (not types or CLASSIC in types)
        ]
    )
