"""AlterConfigs, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import alter_configs
from kbroker.protocol.alter_configs import AlterableConfig, AlterConfigsRequest, AlterConfigsResource
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.config_changes import ResourceType
from kbroker.state.topics import Topic

from .conftest import MakeContext

TOPIC, BROKER = ResourceType.TOPIC, ResourceType.BROKER


async def alter(
    at: MakeContext, kind: int, name: str, *configs: tuple[str, str | None], validate_only: bool = False
) -> int:
    resource = AlterConfigsResource(kind, name, [AlterableConfig(*one) for one in configs])
    response = await alter_configs.handle(AlterConfigsRequest([resource], validate_only), at(2))
    (answer,) = response.responses
    assert (answer.resource_type, answer.resource_name) == (kind, name)
    return answer.error_code


@pytest.fixture
async def topic(broker: Broker) -> Topic:
    return await broker.topics.create("t", 1, {"segment.ms": "5"})


async def test_what_is_not_named_is_unset(at: MakeContext, topic: Topic) -> None:
    assert await alter(at, TOPIC, "t", ("retention.ms", "7")) == ErrorCode.NONE
    assert topic.configs == {"retention.ms": "7"}
    assert await alter(at, TOPIC, "t") == ErrorCode.NONE
    assert topic.configs == {}


async def test_what_is_only_validated_does_not_happen(at: MakeContext, topic: Topic) -> None:
    assert await alter(at, TOPIC, "t", ("retention.ms", "7"), validate_only=True) == ErrorCode.NONE
    assert topic.configs == {"segment.ms": "5"}


@pytest.mark.parametrize(
    ("name", "configs", "code"),
    [
        ("t", [("nope", "1")], ErrorCode.INVALID_CONFIG),
        ("t", [("retention.ms", "x")], ErrorCode.INVALID_CONFIG),
        ("t", [("retention.ms", "1"), ("retention.ms", "2")], ErrorCode.INVALID_REQUEST),
        ("t", [("retention.ms", None)], ErrorCode.INVALID_REQUEST),
        ("nope", [("retention.ms", "1")], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
async def test_errors(
    at: MakeContext, topic: Topic, name: str, configs: list[tuple[str, str | None]], code: ErrorCode
) -> None:
    assert await alter(at, TOPIC, name, *configs) == code
    assert topic.configs == {"segment.ms": "5"}


@pytest.mark.parametrize(
    ("name", "config", "code"),
    [
        ("1", ("log.retention.ms", "1"), ErrorCode.NONE),
        ("", ("min.insync.replicas", "2"), ErrorCode.NONE),
        ("", ("log.retention.ms", "x"), ErrorCode.INVALID_REQUEST),
        ("1", ("min.insync.replicas", "2"), ErrorCode.INVALID_CONFIG),
        ("1", ("node.id", "1"), ErrorCode.INVALID_REQUEST),
        ("2", ("log.retention.ms", "1"), ErrorCode.INVALID_REQUEST),
        ("x", ("log.retention.ms", "1"), ErrorCode.INVALID_REQUEST),
    ],
)
async def test_broker_settings(
    broker: Broker, at: MakeContext, name: str, config: tuple[str, str], code: ErrorCode
) -> None:
    before = dict(broker.config.dynamic(name))
    assert await alter(at, BROKER, name, config) == code
    assert dict(broker.config.dynamic(name)) == (before if code else dict([config]))


async def test_min_insync_replicas_of_all_brokers_cannot_be_unset(broker: Broker, at: MakeContext) -> None:
    assert await alter(at, BROKER, "", ("log.retention.ms", "1")) == ErrorCode.INVALID_CONFIG
    assert dict(broker.config.dynamic("")) == {"min.insync.replicas": "1"}


@pytest.mark.parametrize("kind", [0, 8, 64])
async def test_other_resource_types(at: MakeContext, kind: int) -> None:
    assert await alter(at, kind, "1") == ErrorCode.INVALID_REQUEST


async def test_a_resource_named_twice(at: MakeContext, topic: Topic) -> None:
    resource = AlterConfigsResource(TOPIC, "t", [])
    response = await alter_configs.handle(AlterConfigsRequest([resource, resource], False), at(2))
    assert [one.error_code for one in response.responses] == [ErrorCode.INVALID_REQUEST] * 2
    assert topic.configs == {"segment.ms": "5"}
