"""DeleteAcls (key 31), versions 1-3: remove the access control entries that match filters (KIP-140).

- needs ALTER on the cluster; SECURITY_DISABLED for each filter without an authorizer
- each filter is answered with all that it matched before the request
- a number without a meaning is INVALID_REQUEST; what is called unknown (0) ends the connection: Apache Kafka can't read
"""

from kbroker.broker.context import RequestContext
from kbroker.errors import RequestRefusedError
from kbroker.protocol.delete_acls import (
    DeleteAclsFilter,
    DeleteAclsFilterResult,
    DeleteAclsMatchingAcl,
    DeleteAclsRequest,
    DeleteAclsResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl, AclFilter, AclOperation


async def handle(request: DeleteAclsRequest, ctx: RequestContext) -> DeleteAclsResponse:
    """Delete what the filters match, and say what it was."""
    filters = [_filter(asked) for asked in request.filters]
    if any(acl_filter.unreadable for acl_filter in filters):
        raise RequestRefusedError("DeleteAcls", "DeleteAcls of something unknown")
    try:
        ctx.require_cluster(AclOperation.ALTER)
        acls = ctx.broker.acls
        if acls is None:
            raise KafkaError(ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")
        matches = [acls.find(acl_filter) for acl_filter in filters]
        await acls.delete(list(dict.fromkeys(acl for found in matches for acl in found)))
    except KafkaError as error:
        results = [DeleteAclsFilterResult(error.code, error.message) for _ in filters]
    else:
        results = [
            _meaningless() if acl_filter.meaningless else _deleted(found)
            for acl_filter, found in zip(filters, matches, strict=True)
        ]
    return DeleteAclsResponse(filter_results=results)


def _filter(asked: DeleteAclsFilter) -> AclFilter:
    return AclFilter(
        asked.resource_type_filter,
        asked.resource_name_filter,
        asked.pattern_type_filter,
        asked.principal_filter,
        asked.host_filter,
        asked.operation,
        asked.permission_type,
    )


def _meaningless() -> DeleteAclsFilterResult:
    return DeleteAclsFilterResult(ErrorCode.INVALID_REQUEST, "The filter has a number without a meaning.")


def _deleted(acls: list[Acl]) -> DeleteAclsFilterResult:
    matching = [DeleteAclsMatchingAcl(ErrorCode.NONE, None, *acl) for acl in acls]
    return DeleteAclsFilterResult(ErrorCode.NONE, None, matching)
