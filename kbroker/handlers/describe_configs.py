"""DescribeConfigs (key 32), versions 1-4: settings and where they come from (KIP-133, KIP-226).

- keys null or empty are all settings; unknown keys are left out
- a topic's settings come with what they inherit from; a broker of empty name is what is set for all brokers
- values of sensitive settings are null
- documentation is a link to Kafka's own
- the resource BROKER_LOGGER is the log levels of this process (KIP-412)
"""

from kbroker.broker import loggers
from kbroker.broker.config_resources import authorize, check_node, unsupported
from kbroker.broker.context import RequestContext
from kbroker.config.broker_config import CLUSTER_WIDE_RESOURCE
from kbroker.config.client_metrics import describe_client_metrics
from kbroker.config.definitions import BROKER_CONFIGS, kbroker
from kbroker.config.entries import ConfigEntry
from kbroker.config.types import ConfigSource
from kbroker.protocol.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation
from kbroker.state.config_changes import ResourceType
from kbroker.state.topics import check_topic_name

KAFKA_DOCUMENTATION = "https://kafka.apache.org/documentation/"
DOCUMENTED: dict[int, str] = {
    ResourceType.TOPIC: "topicconfigs",
    ResourceType.GROUP: "groupconfigs",
    ResourceType.CLIENT_METRICS: "clientmetricsconfigs",
}
KBROKER_CONFIGS = frozenset(definition.name for definition in kbroker.SETTINGS)


async def handle(request: DescribeConfigsRequest, ctx: RequestContext) -> DescribeConfigsResponse:
    """Answer each resource on its own."""
    results, refused = [], []
    for resource in request.resources:
        result = DescribeConfigsResult(
            resource_type=resource.resource_type, resource_name=resource.resource_name
        )
        try:
            authorize(ctx, AclOperation.DESCRIBE_CONFIGS, resource.resource_type, resource.resource_name)
        except KafkaError as error:
            result.error_code, result.error_message = error.code, error.message
            refused.append(result)
            continue
        try:
            configs = _describe(resource, request, ctx)
        except KafkaError as error:
            result.error_code, result.error_message = error.code, error.message or ""
        else:
            keys = resource.configuration_keys
            result.configs = [config for config in configs if not keys or config.name in keys]
        results.append(result)
    return DescribeConfigsResponse(results=results + refused)


def _describe(
    resource: DescribeConfigsResource, request: DescribeConfigsRequest, ctx: RequestContext
) -> list[DescribeConfigsResourceResult]:
    broker, name = ctx.broker, resource.resource_name
    if resource.resource_type == ResourceType.TOPIC:
        topic = broker.topics.get(name)
        if topic is None:
            check_topic_name(name)
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        entries = broker.config.describe_topic(topic.configs)
    elif resource.resource_type == ResourceType.BROKER and name == CLUSTER_WIDE_RESOURCE:
        entries = broker.config.describe_cluster_wide()
    elif resource.resource_type == ResourceType.BROKER:
        check_node(broker, name)
        entries = broker.config.describe_all()
    elif resource.resource_type == ResourceType.BROKER_LOGGER:
        check_node(broker, name)
        return [
            DescribeConfigsResourceResult(logger, level, config_source=ConfigSource.BROKER_LOGGER)
            for logger, level in loggers.levels().items()
        ]
    elif resource.resource_type in (ResourceType.GROUP, ResourceType.CLIENT_METRICS):
        entries = _described_by_name(resource.resource_type, name, ctx)
    else:
        raise unsupported(resource.resource_type)
    return [_result(entry, resource.resource_type, request) for entry in entries]


def _described_by_name(resource_type: int, name: str, ctx: RequestContext) -> list[ConfigEntry]:
    """A group or client metrics, on which nothing need be set."""
    if not name:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "The name of the resource can't be empty")
    configs = ctx.broker.resource_configs.of(resource_type, name)
    if resource_type == ResourceType.GROUP:
        return ctx.broker.config.describe_group(configs)
    return describe_client_metrics(configs)


def _result(
    entry: ConfigEntry, resource_type: int, request: DescribeConfigsRequest
) -> DescribeConfigsResourceResult:
    synonyms = []
    if request.include_synonyms:
        synonyms = [DescribeConfigsSynonym(one.name, one.value, one.source) for one in entry.synonyms]
    return DescribeConfigsResourceResult(
        entry.name,
        entry.value,
        entry.read_only,
        entry.source,
        entry.sensitive,
        synonyms,
        entry.type,
        _documentation(entry.name, resource_type) if request.include_documentation else None,
    )


def _documentation(name: str, resource_type: int) -> str | None:
    if section := DOCUMENTED.get(resource_type):
        return f"{KAFKA_DOCUMENTATION}#{section}_{name}"
    if name in BROKER_CONFIGS and name not in KBROKER_CONFIGS:
        return f"{KAFKA_DOCUMENTATION}#brokerconfigs_{name}"
    return None
