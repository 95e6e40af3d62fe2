"""DeleteGroups (key 42), versions 0-2: forget groups that have no members, with their offsets (KIP-229)."""

from kbroker.broker.context import RequestContext
from kbroker.protocol.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType


async def handle(request: DeleteGroupsRequest, ctx: RequestContext) -> DeleteGroupsResponse:
    """Delete each group; one named twice is deleted, and answered, once."""
    results = []
    for group_id in dict.fromkeys(request.groups_names):
        error_code = ErrorCode.NONE
        try:
            if not ctx.authorize(AclOperation.DELETE, AclResourceType.GROUP, group_id):
                raise KafkaError(ErrorCode.GROUP_AUTHORIZATION_FAILED)
            await ctx.broker.groups.delete(group_id)
        except KafkaError as error:
            error_code = error.code
        results.append(DeletableGroupResult(group_id, error_code))
    return DeleteGroupsResponse(results=results)
