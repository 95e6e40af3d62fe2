"""DescribeConfigs, as probed on Apache Kafka 4.3.1."""

import logging

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_configs
from kbroker.protocol.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.config_changes import ResourceType

from .conftest import MakeContext

TOPIC, BROKER, BROKER_LOGGER = ResourceType.TOPIC, ResourceType.BROKER, ResourceType.BROKER_LOGGER
ON_TOPIC, ON_BROKER, ON_ALL_BROKERS, STATIC, DEFAULT, ON_LOGGER = range(1, 7)
LONG = 5


@pytest.fixture
async def broker(broker: Broker) -> Broker:
    """With topic t, on which retention.ms is set."""
    await broker.topics.create("t", 1, {"retention.ms": "5"})
    return broker


async def ask(
    at: MakeContext, kind: int, name: str, keys: list[str] | None = None, *, synonyms: bool = False
) -> DescribeConfigsResult:
    asked = DescribeConfigsRequest([DescribeConfigsResource(kind, name, keys)], synonyms)
    response = await describe_configs.handle(asked, at(4))
    (result,) = response.results
    assert (result.resource_type, result.resource_name) == (kind, name)
    return result


async def one(
    at: MakeContext, kind: int, name: str, key: str, *, synonyms: bool = False
) -> DescribeConfigsResourceResult:
    result = await ask(at, kind, name, [key], synonyms=synonyms)
    assert result.error_code == ErrorCode.NONE
    (config,) = result.configs
    return config


async def test_a_topics_own_and_inherited_settings(at: MakeContext) -> None:
    own = await one(at, TOPIC, "t", "retention.ms")
    assert (own.value, own.config_source, own.read_only, own.config_type) == ("5", ON_TOPIC, False, LONG)
    inherited = await one(at, TOPIC, "t", "segment.ms")
    assert (inherited.value, inherited.config_source) == ("604800000", DEFAULT)


async def test_synonyms_when_asked_for(broker: Broker, at: MakeContext) -> None:
    await broker.change_configs("", lambda _: {"log.retention.ms": "1000000"})
    await broker.change_configs("1", lambda _: {"log.retention.ms": "2000000"})
    config = await one(at, TOPIC, "t", "retention.ms", synonyms=True)
    assert config.synonyms == [
        DescribeConfigsSynonym("retention.ms", "5", ON_TOPIC),
        DescribeConfigsSynonym("log.retention.ms", "2000000", ON_BROKER),
        DescribeConfigsSynonym("log.retention.ms", "1000000", ON_ALL_BROKERS),
        DescribeConfigsSynonym("log.retention.hours", "168", DEFAULT),
    ]
    assert (await one(at, TOPIC, "t", "retention.ms")).synonyms == []


@pytest.mark.parametrize("keys", [None, []])
async def test_no_keys_are_all(at: MakeContext, keys: list[str] | None) -> None:
    assert len((await ask(at, TOPIC, "t", keys)).configs) == 33


async def test_unknown_and_repeated_keys_do_no_harm(at: MakeContext) -> None:
    result = await ask(at, TOPIC, "t", ["retention.ms", "nope", "retention.ms", "cleanup.policy"])
    assert sorted(config.name for config in result.configs) == ["cleanup.policy", "retention.ms"]


async def test_this_brokers_settings(broker: Broker, at: MakeContext) -> None:
    await broker.change_configs("1", lambda _: {"message.max.bytes": "1048589"})
    node_id = await one(at, BROKER, "1", "node.id")
    assert (node_id.value, node_id.config_source, node_id.read_only) == ("1", STATIC, True)
    changed = await one(at, BROKER, "1", "message.max.bytes")
    assert (changed.value, changed.config_source, changed.read_only) == ("1048589", ON_BROKER, False)
    assert len((await ask(at, BROKER, "1")).configs) > 300


async def test_documentation_when_asked_for(broker: Broker, at: MakeContext) -> None:
    resources = [
        DescribeConfigsResource(TOPIC, "t", ["retention.ms"]),
        DescribeConfigsResource(BROKER, "1", ["node.id"]),
        DescribeConfigsResource(BROKER, "1", ["of.a.plugin"]),
    ]
    await broker.change_configs("1", lambda _: {"of.a.plugin": "1"})
    response = await describe_configs.handle(DescribeConfigsRequest(resources, False, True), at(4))
    assert [result.configs[0].documentation for result in response.results] == [
        "https://kafka.apache.org/documentation/#topicconfigs_retention.ms",
        "https://kafka.apache.org/documentation/#brokerconfigs_node.id",
        None,
    ]
    assert (await one(at, TOPIC, "t", "retention.ms")).documentation is None


async def test_a_secret_is_not_told(at: MakeContext) -> None:
    config = await one(at, BROKER, "1", "ssl.keystore.password")
    assert (config.is_sensitive, config.value) == (True, None)


async def test_what_is_set_for_all_brokers(broker: Broker, at: MakeContext) -> None:
    (config,) = (await ask(at, BROKER, "")).configs
    assert (config.name, config.value, config.config_source) == ("min.insync.replicas", "1", ON_ALL_BROKERS)
    await broker.change_configs("", lambda _: {"log.retention.ms": "1000000"})
    (config,) = (await ask(at, BROKER, "")).configs
    assert (config.name, config.value, config.config_source) == (
        "log.retention.ms",
        "1000000",
        ON_ALL_BROKERS,
    )


async def test_log_levels(at: MakeContext) -> None:
    logging.getLogger("kbroker.test_describe_configs").setLevel(logging.ERROR)
    levels = {config.name: config for config in (await ask(at, BROKER_LOGGER, "1")).configs}
    assert levels["kbroker.test_describe_configs"].value == "ERROR"
    assert levels["root"].config_source == ON_LOGGER


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        (TOPIC, "nope", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (TOPIC, "a b", ErrorCode.INVALID_TOPIC_EXCEPTION),
        (TOPIC, "", ErrorCode.INVALID_TOPIC_EXCEPTION),
        (BROKER, "2", ErrorCode.INVALID_REQUEST),
        (BROKER, "x", ErrorCode.INVALID_REQUEST),
        (BROKER_LOGGER, "2", ErrorCode.INVALID_REQUEST),
        (BROKER_LOGGER, "", ErrorCode.INVALID_REQUEST),
        (0, "x", ErrorCode.INVALID_REQUEST),
        (1, "x", ErrorCode.INVALID_REQUEST),
        (64, "x", ErrorCode.INVALID_REQUEST),
    ],
)
async def test_errors(at: MakeContext, kind: int, name: str, code: ErrorCode) -> None:
    result = await ask(at, kind, name)
    assert (result.error_code, result.configs) == (code, [])


@pytest.mark.parametrize(
    ("kind", "name", "value", "source", "default"),
    [
        (ResourceType.CLIENT_METRICS, "interval.ms", "1000", 7, "300000"),
        (ResourceType.GROUP, "consumer.session.timeout.ms", "50000", 8, "45000"),
    ],
)
async def test_what_is_set_by_name_alone(  # noqa: PLR0917
    broker: Broker, at: MakeContext, kind: ResourceType, name: str, value: str, source: int, default: str
) -> None:
    await broker.resource_configs.change(kind, "r", lambda _: {name: value})
    there = await one(at, kind, "r", name)
    assert (there.value, there.config_source, there.read_only) == (value, source, False)
    elsewhere = await one(at, kind, "nobody's", name)
    assert (elsewhere.value, elsewhere.config_source) == (default, DEFAULT)
    assert (await ask(at, kind, "")).error_code == ErrorCode.INVALID_REQUEST
