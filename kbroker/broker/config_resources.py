"""The resources that settings belong to: finding them by type and name, and changing what is set on them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from kbroker.config.broker_config import CLUSTER_WIDE_RESOURCE, MIN_INSYNC_REPLICAS
from kbroker.config.client_metrics import check_client_metrics
from kbroker.config.definitions import BROKER_CONFIGS, Definition
from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.types import ConfigType
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.config_changes import ListDefault, ResourceType
from kbroker.state.features import ELIGIBLE_LEADER_REPLICAS_VERSION
from kbroker.state.topics import Topic, check_topic_name

if TYPE_CHECKING:
    from kbroker.broker.broker import Broker
    from kbroker.broker.context import RequestContext


# Makes what shall be set of what is set now.
Change = Callable[[Mapping[str, str], ListDefault], dict[str, str]]


class Resource(Protocol):
    """What a request names."""

    resource_type: int
    resource_name: str


_AUTHORIZED_AS = {
    ResourceType.TOPIC: (AclResourceType.TOPIC, ErrorCode.TOPIC_AUTHORIZATION_FAILED),
    ResourceType.GROUP: (AclResourceType.GROUP, ErrorCode.GROUP_AUTHORIZATION_FAILED),
}


def authorize(ctx: "RequestContext", operation: AclOperation, resource_type: int, name: str) -> None:
    """Raise KafkaError unless the client may do this to the settings of a resource: TOPIC_AUTHORIZATION_FAILED,
    GROUP_AUTHORIZATION_FAILED, or CLUSTER_AUTHORIZATION_FAILED for all that is neither.
    """
    if resource_type in _AUTHORIZED_AS:
        kind, code = _AUTHORIZED_AS[ResourceType(resource_type)]
        if not ctx.authorize(operation, kind, name):
            raise KafkaError(code, "The request is not authorized.")
    elif resource_type in ResourceType.__members__.values():
        ctx.require_cluster(operation)


def authorize_change(ctx: "RequestContext", resource_type: int, name: str) -> None:
    """Raise KafkaError unless the client may change the settings of a resource; another node's are refused first."""
    if resource_type == ResourceType.BROKER and name != CLUSTER_WIDE_RESOURCE:
        check_node(ctx.broker, name)
    if resource_type == ResourceType.BROKER_LOGGER:
        raise unsupported(resource_type)
    authorize(ctx, AclOperation.ALTER_CONFIGS, resource_type, name)


R = TypeVar("R", bound=Resource)
Outcome = tuple[ErrorCode, str | None, int, str]  # and what it says, of which type and name


async def alter_each(resources: Sequence[R], alter_one: Callable[[R], Awaitable[None]]) -> list[Outcome]:
    """Alter each resource on its own, unless it is named more than once: INVALID_REQUEST."""
    times_named = Counter((one.resource_type, one.resource_name) for one in resources)
    outcomes = []
    for resource in resources:
        code, message = ErrorCode.NONE, None
        try:
            if times_named[resource.resource_type, resource.resource_name] > 1:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")
            await alter_one(resource)
        except KafkaError as error:
            code, message = error.code, error.message
        outcomes.append((code, message, resource.resource_type, resource.resource_name))
    return outcomes


async def alter(
    broker: "Broker", resource_type: int, name: str, change: Change, *, validate_only: bool
) -> None:
    """Change what is set on a topic, on this broker, on all brokers, on a group or on client metrics.

    Raises KafkaError: INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, INVALID_CONFIG,
    and what `change` raises.
    """
    if resource_type == ResourceType.TOPIC:
        if not name:
            raise KafkaError(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.")
        topic = _find_topic(broker, name)
        if validate_only:
            broker.config.topic_config(change(topic.configs, _topic_list_default))
        else:
            await broker.topics.change_configs(topic, lambda before: change(before, _topic_list_default))
    elif resource_type == ResourceType.BROKER:
        if name != CLUSTER_WIDE_RESOURCE:
            check_node(broker, name)

        def checked_change(before: Mapping[str, str]) -> dict[str, str]:
            after = change(before, _broker_list_default)
            broker.check_configs(name, after)
            if broker.features.finalized(ELIGIBLE_LEADER_REPLICAS_VERSION):
                _check_min_insync_replicas(name, after)
            return after

        if validate_only:
            checked_change(broker.config.dynamic(name))
        else:
            await broker.change_configs(name, checked_change)
    elif resource_type in (ResourceType.GROUP, ResourceType.CLIENT_METRICS):

        def checked(before: Mapping[str, str]) -> dict[str, str]:
            after = change(before, _no_list)
            if resource_type == ResourceType.GROUP:
                broker.config.check_group(name, after)
            else:
                check_client_metrics(name, after)
            return after

        if validate_only:
            checked(broker.resource_configs.of(resource_type, name))
        else:
            await broker.resource_configs.change(resource_type, name, checked)
    else:
        raise unsupported(resource_type)


def _find_topic(broker: "Broker", name: str) -> Topic:
    """The topic of this name. Raises KafkaError: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION."""
    topic = broker.topics.get(name)
    if topic is None:
        check_topic_name(name)
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"The topic '{name}' does not exist.")
    return topic


def check_node(broker: "Broker", name: str) -> None:
    """Check that a broker resource is this broker. Raises KafkaError INVALID_REQUEST."""
    try:
        node_id = int(name)
    except ValueError:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Node id must be an integer, but it is: {name}"
        ) from None
    if node_id != broker.node_id:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Unexpected broker id, expected {broker.node_id}, but received {name}",
        )


def unsupported(resource_type: int) -> KafkaError:
    """For a type that has no settings here."""
    if resource_type in ResourceType.__members__.values():
        resource = ResourceType(resource_type).name
        return KafkaError(ErrorCode.INVALID_REQUEST, f"Settings of type {resource} are not supported.")
    return KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown resource type {resource_type}")


def _check_min_insync_replicas(name: str, configs: Mapping[str, str]) -> None:
    """One value for the whole cluster, always set: what KIP-966 needs to know which replicas may lead."""
    if name == CLUSTER_WIDE_RESOURCE and MIN_INSYNC_REPLICAS not in configs:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG, f"{MIN_INSYNC_REPLICAS} of all brokers can be changed, but not removed."
        )
    if name != CLUSTER_WIDE_RESOURCE and MIN_INSYNC_REPLICAS in configs:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG, f"{MIN_INSYNC_REPLICAS} can be set for topics or for all brokers only."
        )


def _no_list(_name: str) -> None:
    """Nothing can be appended to: for Apache Kafka these have no lists, though metrics are one."""


def _topic_list_default(name: str) -> str | None:
    return _list_default(TOPIC_CONFIGS.get(name))


def _broker_list_default(name: str) -> str | None:
    return _list_default(BROKER_CONFIGS.get(name))


def _list_default(definition: Definition | None) -> str | None:
    if definition is None or definition.type is not ConfigType.LIST:
        return None
    return definition.default or ""
