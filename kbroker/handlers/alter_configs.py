"""AlterConfigs (key 33), versions 0-2: replace all that is set on a resource; what isn't named is unset.

Deprecated since IncrementalAlterConfigs (KIP-339), which shares its checks and answers.
"""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from kbroker.broker.config_resources import alter
from kbroker.broker.context import RequestContext
from kbroker.protocol.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.config_changes import ConfigChange, ListDefault, Operation, apply_changes, check_changes


async def handle(request: AlterConfigsRequest, ctx: RequestContext) -> AlterConfigsResponse:
    """Answer each resource on its own."""
    times_named = Counter((one.resource_type, one.resource_name) for one in request.resources)
    responses = []
    for resource in request.resources:
        code, message = ErrorCode.NONE, None
        try:
            if times_named[resource.resource_type, resource.resource_name] > 1:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")
            await _alter(resource, request.validate_only, ctx)
        except KafkaError as error:
            code, message = error.code, error.message
        responses.append(
            AlterConfigsResourceResponse(code, message, resource.resource_type, resource.resource_name)
        )
    return AlterConfigsResponse(responses=responses)


async def _alter(resource: AlterConfigsResource, validate_only: bool, ctx: RequestContext) -> None:
    changes = [ConfigChange(one.name, Operation.SET, one.value) for one in resource.configs]
    check_changes(changes)
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
