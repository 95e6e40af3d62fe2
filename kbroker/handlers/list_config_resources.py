"""ListConfigResources (key 74), versions 0-1: what has settings, by type (KIP-1142).

- version 0 asks for client metrics; no type is all types
- an unknown type makes the whole answer UNSUPPORTED_VERSION
- client metrics and groups are listed as long as something is set on them
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.list_config_resources import (
    ConfigResource,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
)
from kbroker.state.acls import AclOperation
from kbroker.state.config_changes import ResourceType

ONLY_CLIENT_METRICS = 0  # the version that knew no other type


async def handle(request: ListConfigResourcesRequest, ctx: RequestContext) -> ListConfigResourcesResponse:
    """List the resources of each type once."""
    if not ctx.authorize_cluster(AclOperation.DESCRIBE_CONFIGS):
        return ListConfigResourcesResponse(error_code=ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    if ctx.api_version == ONLY_CLIENT_METRICS:
        return ListConfigResourcesResponse(config_resources=_configured(ResourceType.CLIENT_METRICS, ctx))
    types = set(request.resource_types or ResourceType)
    if not types <= set(ResourceType):
        return ListConfigResourcesResponse(error_code=ErrorCode.UNSUPPORTED_VERSION)
    resources = []
    if ResourceType.TOPIC in types:
        resources += [ConfigResource(topic.name, ResourceType.TOPIC) for topic in ctx.broker.topics.all()]
    node = str(ctx.broker.node_id)
    resources += [
        ConfigResource(node, kind)
        for kind in (ResourceType.BROKER, ResourceType.BROKER_LOGGER)
        if kind in types
    ]
    for kind in (ResourceType.CLIENT_METRICS, ResourceType.GROUP):
        if kind in types:
            resources += _configured(kind, ctx)
    return ListConfigResourcesResponse(config_resources=resources)


def _configured(kind: ResourceType, ctx: RequestContext) -> list[ConfigResource]:
    return [ConfigResource(name, kind) for name in ctx.broker.resource_configs.names(kind)]
