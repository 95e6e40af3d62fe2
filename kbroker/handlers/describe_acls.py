"""DescribeAcls (key 29), versions 1-3: the access control entries that match a filter (KIP-140, KIP-290).

- needs DESCRIBE on the cluster; SECURITY_DISABLED without an authorizer
- a number without a meaning matches nothing; what is called unknown (0) ends the connection: Apache Kafka can't read
"""

from kbroker.broker.context import RequestContext
from kbroker.errors import RequestRefusedError
from kbroker.protocol.describe_acls import (
    AclDescription,
    DescribeAclsRequest,
    DescribeAclsResource,
    DescribeAclsResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclFilter, AclOperation


async def handle(request: DescribeAclsRequest, ctx: RequestContext) -> DescribeAclsResponse:
    """List what matches, by resource pattern."""
    acl_filter = AclFilter(
        request.resource_type_filter,
        request.resource_name_filter,
        request.pattern_type_filter,
        request.principal_filter,
        request.host_filter,
        request.operation,
        request.permission_type,
    )
    if acl_filter.unreadable:
        raise RequestRefusedError("DescribeAcls", "DescribeAcls of something unknown")
    try:
        ctx.require_cluster(AclOperation.DESCRIBE)
        if ctx.broker.acls is None:
            raise KafkaError(ErrorCode.SECURITY_DISABLED, "No Authorizer is configured on the broker")
    except KafkaError as error:
        return DescribeAclsResponse(error_code=error.code, error_message=error.message)
    resources: dict[tuple[int, str, int], DescribeAclsResource] = {}
    for acl in ctx.broker.acls.find(acl_filter):
        pattern = (acl.resource_type, acl.resource_name, acl.pattern_type)
        resource = resources.setdefault(pattern, DescribeAclsResource(*pattern))
        resource.acls.append(AclDescription(acl.principal, acl.host, acl.operation, acl.permission_type))
    return DescribeAclsResponse(resources=list(resources.values()))
