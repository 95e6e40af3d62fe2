"""AlterConfigs (key 33), versions 0-2: replace all that is set on a resource; what isn't named is unset.

Deprecated since IncrementalAlterConfigs (KIP-339), which shares its checks and answers.
"""

from collections.abc import Mapping
from functools import partial

from kbroker.broker.config_resources import alter, alter_each, authorize_change
from kbroker.broker.context import RequestContext
from kbroker.protocol.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from kbroker.state.config_changes import ConfigChange, ListDefault, Operation, apply_changes, check_changes


async def handle(request: AlterConfigsRequest, ctx: RequestContext) -> AlterConfigsResponse:
    """Answer each resource on its own."""
    outcomes = await alter_each(
        request.resources, lambda resource: _alter(resource, request.validate_only, ctx)
    )
    return AlterConfigsResponse(responses=[AlterConfigsResourceResponse(*one) for one in outcomes])


async def _alter(resource: AlterConfigsResource, validate_only: bool, ctx: RequestContext) -> None:
    changes = [ConfigChange(one.name, Operation.SET, one.value) for one in resource.configs]
    check_changes(changes)
    authorize_change(ctx, resource.resource_type, resource.resource_name)
    await alter(
        ctx.broker,
        resource.resource_type,
        resource.resource_name,
        partial(_replace, changes),
        validate_only=validate_only,
    )


def _replace(
    changes: list[ConfigChange], _before: Mapping[str, str], list_default: ListDefault
) -> dict[str, str]:
    return apply_changes({}, changes, list_default)
