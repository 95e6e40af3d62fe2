"""IncrementalAlterConfigs (key 44), versions 0-1: change single settings of a resource (KIP-339).

- a resource or a setting named twice is INVALID_REQUEST
- APPEND and SUBTRACT work on lists alone; deleting what isn't set, or isn't known, is no error
- settings of this broker or of all ("") take effect at once and survive a restart; read-only ones are refused
- the resource BROKER_LOGGER is the log levels of this process (KIP-412)
"""

from collections.abc import Mapping
from functools import partial

from kbroker.broker import loggers
from kbroker.broker.config_resources import alter, alter_each, authorize_change, check_node
from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.incremental_alter_configs import (
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kbroker.state.acls import AclOperation
from kbroker.state.config_changes import (
    ConfigChange,
    ListDefault,
    Operation,
    ResourceType,
    apply_changes,
    check_changes,
)


async def handle(
    request: IncrementalAlterConfigsRequest, ctx: RequestContext
) -> IncrementalAlterConfigsResponse:
    """Answer each resource on its own."""
    outcomes = await alter_each(
        request.resources, lambda resource: _alter(resource, request.validate_only, ctx)
    )
    return IncrementalAlterConfigsResponse(responses=[AlterConfigsResourceResponse(*one) for one in outcomes])


async def _alter(resource: AlterConfigsResource, validate_only: bool, ctx: RequestContext) -> None:
    changes = [ConfigChange(one.name, one.config_operation, one.value) for one in resource.configs]
    check_changes(changes)
    if resource.resource_type == ResourceType.BROKER_LOGGER:
        if not ctx.authorize_cluster(AclOperation.ALTER_CONFIGS):
            raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
        check_node(ctx.broker, resource.resource_name)
        _alter_levels(changes, validate_only)
        return
    authorize_change(ctx, resource.resource_type, resource.resource_name)
    await alter(
        ctx.broker,
        resource.resource_type,
        resource.resource_name,
        partial(_apply, changes),
        validate_only=validate_only,
    )


def _apply(
    changes: list[ConfigChange], before: Mapping[str, str], list_default: ListDefault
) -> dict[str, str]:
    return apply_changes(before, changes, list_default)


def _alter_levels(changes: list[ConfigChange], validate_only: bool) -> None:
    levels = {}
    for change in changes:
        if change.operation not in (Operation.SET, Operation.DELETE):
            raise KafkaError(
                ErrorCode.INVALID_REQUEST, "Log levels can only be set and deleted, not appended to."
            )
        levels[change.name] = change.value if change.operation == Operation.SET else None
        loggers.check_level(change.name, levels[change.name])
    if not validate_only:
        for name, level in levels.items():
            loggers.set_level(name, level)
