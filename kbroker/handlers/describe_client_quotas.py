"""DescribeClientQuotas (key 48), versions 0-1: quotas of the entities that match a filter (KIP-546).

- every component must match; a strict filter is without entities that have other types, too
- an entity type that does not exist is UNSUPPORTED_VERSION
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_client_quotas import (
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    EntityData,
    EntryData,
    ValueData,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation


async def handle(request: DescribeClientQuotasRequest, ctx: RequestContext) -> DescribeClientQuotasResponse:
    """Answer with all quotas that match."""
    if not ctx.authorize_cluster(AclOperation.DESCRIBE_CONFIGS):
        code = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
        return DescribeClientQuotasResponse(error_code=code, error_message=None, entries=None)
    components = [(one.entity_type, one.match_type, one.match) for one in request.components]
    try:
        found = ctx.broker.quotas.describe(components, strict=request.strict)
    except KafkaError as error:
        return DescribeClientQuotasResponse(error_code=error.code, error_message=error.message, entries=None)
    return DescribeClientQuotasResponse(
        entries=[
            EntryData(
                [EntityData(kind, name) for kind, name in entity],
                [ValueData(key, value) for key, value in quotas.items()],
            )
            for entity, quotas in found.items()
        ],
    )
