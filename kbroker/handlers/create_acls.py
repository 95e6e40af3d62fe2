"""CreateAcls (key 30), versions 1-3: add access control entries (KIP-140), effective at once.

- needs ALTER on the cluster; SECURITY_DISABLED for each without an authorizer
- one that is there already is no error; those that are no ACL are INVALID_REQUEST, and keep the others from nothing
- what is meant for filters (ANY, MATCH) makes all of them UNKNOWN_SERVER_ERROR, as from Apache Kafka
- what is called unknown (0) ends the connection: Apache Kafka can't read the request
"""

from kbroker.broker.context import RequestContext
from kbroker.errors import RequestRefusedError
from kbroker.protocol.create_acls import (
    AclCreation,
    AclCreationResult,
    CreateAclsRequest,
    CreateAclsResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl, AclFilter, AclOperation, check_new


async def handle(request: CreateAclsRequest, ctx: RequestContext) -> CreateAclsResponse:
    """Create those that may be, and answer each."""
    asked = [_acl(creation) for creation in request.creations]
    if any(AclFilter(*acl).unreadable for acl in asked):
        raise RequestRefusedError("CreateAcls", "CreateAcls of something unknown")
    results = [AclCreationResult() for _ in asked]
    try:
        ctx.require_cluster(AclOperation.ALTER)
        if ctx.broker.acls is None:
            raise KafkaError(ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")
        if any(AclFilter(*acl).for_any for acl in asked):
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        valid = []
        for acl, result in zip(asked, results, strict=True):
            try:
                check_new(acl)
            except KafkaError as error:
                result.error_code, result.error_message = error.code, error.message
            else:
                valid.append(acl)
        await ctx.broker.acls.create(valid)
    except KafkaError as error:
        results = [AclCreationResult(error.code, error.message) for _ in asked]
    return CreateAclsResponse(results=results)


def _acl(creation: AclCreation) -> Acl:
    return Acl(
        creation.resource_type,
        creation.resource_name,
        creation.resource_pattern_type,
        creation.principal,
        creation.host,
        creation.operation,
        creation.permission_type,
    )
