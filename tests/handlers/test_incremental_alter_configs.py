"""IncrementalAlterConfigs, as probed on Apache Kafka 4.3.1."""

import logging
from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.embedded import open_broker
from kbroker.handlers import incremental_alter_configs
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from kbroker.state.config_changes import Operation, ResourceType
from kbroker.state.topics import Topic

from .conftest import FixedClock, MakeContext, config_of

SET, DELETE, APPEND, SUBTRACT = Operation
TOPIC, BROKER, BROKER_LOGGER = ResourceType.TOPIC, ResourceType.BROKER, ResourceType.BROKER_LOGGER
Change = tuple[str, int, str | None]


def resource(kind: int, name: str, *changes: Change) -> AlterConfigsResource:
    return AlterConfigsResource(kind, name, [AlterableConfig(*one) for one in changes])


async def alter(
    at: MakeContext, *resources: AlterConfigsResource, validate_only: bool = False
) -> list[tuple[int, str, int]]:
    asked = IncrementalAlterConfigsRequest([*resources], validate_only)
    response = await incremental_alter_configs.handle(asked, at(1))
    return [(one.resource_type, one.resource_name, one.error_code) for one in response.responses]


@pytest.fixture
async def topic(broker: Broker) -> Topic:
    return await broker.topics.create("t", 1, {})


async def test_a_topics_setting_is_set_and_deleted(at: MakeContext, topic: Topic) -> None:
    assert await alter(at, resource(TOPIC, "t", ("retention.ms", SET, "5"))) == [(TOPIC, "t", 0)]
    assert topic.config.retention_ms == 5
    assert await alter(at, resource(TOPIC, "t", ("retention.ms", DELETE, None))) == [(TOPIC, "t", 0)]
    assert topic.config.retention_ms == 604_800_000
    assert topic.configs == {}


async def test_lists_grow_from_their_default(at: MakeContext, topic: Topic) -> None:
    await alter(at, resource(TOPIC, "t", ("cleanup.policy", APPEND, "compact")))
    assert topic.configs == {"cleanup.policy": "delete,compact"}
    await alter(at, resource(TOPIC, "t", ("cleanup.policy", SUBTRACT, "delete")))
    assert topic.config.cleanup_policy == {"compact"}


async def test_what_is_only_validated_does_not_happen(at: MakeContext, topic: Topic) -> None:
    good, bad = ("retention.ms", SET, "5"), ("retention.ms", SET, "x")
    assert await alter(at, resource(TOPIC, "t", good), validate_only=True) == [(TOPIC, "t", 0)]
    answer = await alter(at, resource(TOPIC, "t", bad), validate_only=True)
    assert answer == [(TOPIC, "t", ErrorCode.INVALID_CONFIG)]
    assert topic.configs == {}


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("t", [("nope", SET, "1")], ErrorCode.INVALID_CONFIG),
        ("t", [("retention.ms", SET, "")], ErrorCode.INVALID_CONFIG),
        ("t", [("retention.ms", SET, "9"), ("segment.bytes", SET, "x")], ErrorCode.INVALID_CONFIG),
        ("t", [("retention.ms", APPEND, "1")], ErrorCode.INVALID_CONFIG),
        ("t", [("nope", APPEND, "1")], ErrorCode.INVALID_CONFIG),
        ("t", [("cleanup.policy", APPEND, "bad")], ErrorCode.INVALID_CONFIG),
        ("t", [("retention.ms", SET, None)], ErrorCode.INVALID_REQUEST),
        ("t", [("retention.ms", SET, "5"), ("retention.ms", DELETE, None)], ErrorCode.INVALID_REQUEST),
        ("t", [("retention.ms", 4, "5")], ErrorCode.UNKNOWN_SERVER_ERROR),
        ("nope", [("retention.ms", SET, "5")], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("a b", [("retention.ms", SET, "5")], ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("", [("retention.ms", SET, "5")], ErrorCode.INVALID_REQUEST),
    ],
)
async def test_errors_leave_the_topic_alone(
    at: MakeContext, topic: Topic, name: str, changes: list[Change], code: ErrorCode
) -> None:
    assert await alter(at, resource(TOPIC, name, *changes)) == [(TOPIC, name, code)]
    assert topic.configs == {}


async def test_no_changes_and_deleting_the_unknown_are_no_errors(at: MakeContext, topic: Topic) -> None:
    assert await alter(at, resource(TOPIC, "t")) == [(TOPIC, "t", 0)]
    assert await alter(at, resource(TOPIC, "t", ("nope", DELETE, None))) == [(TOPIC, "t", 0)]


async def test_a_resource_named_twice(broker: Broker, at: MakeContext, topic: Topic) -> None:
    await broker.topics.create("u", 1, {})
    answers = await alter(
        at,
        resource(TOPIC, "t", ("retention.ms", SET, "5")),
        resource(TOPIC, "u", ("retention.ms", SET, "5")),
        resource(TOPIC, "t", ("segment.ms", SET, "5")),
    )
    assert answers == [
        (TOPIC, "t", ErrorCode.INVALID_REQUEST),
        (TOPIC, "u", 0),
        (TOPIC, "t", ErrorCode.INVALID_REQUEST),
    ]
    assert topic.configs == {}


async def test_a_brokers_setting_is_the_topics_default_and_outlives_a_restart(
    broker: Broker, at: MakeContext, topic: Topic, tmp_path: Path
) -> None:
    assert await alter(at, resource(BROKER, "", ("log.retention.ms", SET, "7"))) == [(BROKER, "", 0)]
    assert topic.config.retention_ms == 7
    assert await alter(at, resource(BROKER, "1", ("log.retention.ms", SET, "8"))) == [(BROKER, "1", 0)]
    assert topic.config.retention_ms == 8
    stored = (await broker._stores.meta.load()).broker_configs
    assert stored == {
        "": {"log.retention.ms": "7", "min.insync.replicas": "1"},
        "1": {"log.retention.ms": "8"},
    }


async def test_stored_broker_settings_are_in_force_after_a_start(tmp_path: Path, clock: FixedClock) -> None:
    for _ in range(2):
        async with open_broker(config_of(), tmp_path, clock) as broker:
            if broker.topics.get("t") is None:
                await broker.topics.create("t", 1, {})
                await broker.change_configs("", lambda _: {"log.retention.ms": "7"})
            assert broker.topics.get("t").config.retention_ms == 7  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("1", ("node.id", SET, "4"), ErrorCode.INVALID_REQUEST),
        ("1", ("num.partitions", SET, "4"), ErrorCode.INVALID_REQUEST),
        ("", ("listeners", SET, "PLAINTEXT://:1"), ErrorCode.INVALID_REQUEST),
        ("1", ("log.retention.ms", SET, "x"), ErrorCode.INVALID_REQUEST),
        ("1", ("log.retention.ms", APPEND, "1"), ErrorCode.INVALID_CONFIG),
        ("2", ("log.retention.ms", SET, "1"), ErrorCode.INVALID_REQUEST),
        ("x", ("log.retention.ms", SET, "1"), ErrorCode.INVALID_REQUEST),
        ("1", ("min.insync.replicas", SET, "1"), ErrorCode.INVALID_CONFIG),
        ("", ("min.insync.replicas", DELETE, None), ErrorCode.INVALID_CONFIG),
        ("", ("min.insync.replicas", SET, "2"), ErrorCode.NONE),
        ("1", ("of.a.plugin", SET, "1"), ErrorCode.NONE),
        ("1", ("log.cleanup.policy", APPEND, "compact"), ErrorCode.NONE),
        ("", ("message.max.bytes", SET, "1000"), ErrorCode.NONE),
    ],
)
async def test_broker_settings(at: MakeContext, name: str, change: Change, code: ErrorCode) -> None:
    for validate_only in (True, False):
        answer = await alter(at, resource(BROKER, name, change), validate_only=validate_only)
        assert answer == [(BROKER, name, code)]


@pytest.mark.parametrize("kind", [0, 1, 3, 64])
async def test_other_resource_types(at: MakeContext, kind: int) -> None:
    assert await alter(at, resource(kind, "x", ("a", SET, "1"))) == [(kind, "x", ErrorCode.INVALID_REQUEST)]


@pytest.mark.parametrize(
    ("kind", "name", "value"), [(16, "interval.ms", "1000"), (32, "consumer.session.timeout.ms", "50000")]
)
async def test_client_metrics_and_groups(
    broker: Broker, at: MakeContext, kind: int, name: str, value: str
) -> None:
    changed = resource(kind, "r", (name, SET, value))
    assert await alter(at, changed, validate_only=True) == [(kind, "r", ErrorCode.NONE)]
    assert broker.resource_configs.names(kind) == []
    assert await alter(at, changed) == [(kind, "r", ErrorCode.NONE)]
    assert broker.resource_configs.of(kind, "r") == {name: value}
    assert await alter(at, resource(kind, "", (name, SET, value))) == [(kind, "", ErrorCode.INVALID_REQUEST)]
    assert await alter(at, resource(kind, "r", (name, SET, "-5"))) != [(kind, "r", ErrorCode.NONE)]
    assert await alter(at, resource(kind, "r", (name, APPEND, "5"))) == [
        (kind, "r", ErrorCode.INVALID_CONFIG)
    ]
    assert broker.resource_configs.of(kind, "r") == {name: value}
    await alter(at, resource(kind, "r", (name, DELETE, None)))
    assert broker.resource_configs.names(kind) == []


async def test_log_levels(at: MakeContext) -> None:
    logger = logging.getLogger("kbroker.test_incremental_alter_configs")
    change = resource(BROKER_LOGGER, "1", (logger.name, SET, "ERROR"))
    assert await alter(at, change, validate_only=True) == [(BROKER_LOGGER, "1", 0)]
    assert logger.level == logging.NOTSET
    assert await alter(at, change) == [(BROKER_LOGGER, "1", 0)]
    assert logger.level == logging.ERROR
    await alter(at, resource(BROKER_LOGGER, "1", (logger.name, DELETE, None)))
    assert logger.level == logging.NOTSET


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("1", ("nope", SET, "DEBUG"), ErrorCode.INVALID_CONFIG),
        ("1", ("root", DELETE, None), ErrorCode.INVALID_REQUEST),
        ("1", ("root", APPEND, "INFO"), ErrorCode.INVALID_REQUEST),
        ("2", ("root", SET, "INFO"), ErrorCode.INVALID_REQUEST),
        ("", ("root", SET, "INFO"), ErrorCode.INVALID_REQUEST),
    ],
)
async def test_bad_log_levels(at: MakeContext, name: str, change: Change, code: ErrorCode) -> None:
    assert await alter(at, resource(BROKER_LOGGER, name, change)) == [(BROKER_LOGGER, name, code)]
