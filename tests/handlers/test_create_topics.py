"""CreateTopics, as probed on Apache Kafka 4.3.1."""

from typing import Any

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import create_topics
from kbroker.protocol.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreatableTopicResult,
    CreateTopicsRequest,
)
from kbroker.protocol.error_codes import ErrorCode

from .conftest import MakeContext, refuse_writes

VERSION = 7


def new(name: str, partitions: int = 1, replicas: int = 1, **fields: Any) -> CreatableTopic:
    return CreatableTopic(name, partitions, replicas, **fields)


def assigned(*assignments: tuple[int, list[int]], partitions: int = -1, replicas: int = -1) -> CreatableTopic:
    pairs = [CreatableReplicaAssignment(*one) for one in assignments]
    return new("t", partitions, replicas, assignments=pairs)


def configured(*configs: tuple[str, str | None]) -> CreatableTopic:
    return new("t", configs=[CreatableTopicConfig(*one) for one in configs])


async def create(
    at: MakeContext, *topics: CreatableTopic, validate_only: bool = False, timeout_ms: int = 5000
) -> list[CreatableTopicResult]:
    asked = CreateTopicsRequest([*topics], timeout_ms, validate_only)
    return (await create_topics.handle(asked, at(VERSION))).topics


async def test_a_topic_is_there_with_its_id_when_it_is_answered(broker: Broker, at: MakeContext) -> None:
    (result,) = await create(at, new("t", 3))
    topic = broker.topics.get("t")
    assert topic is not None
    assert topic.partitions == 3
    assert (result.name, result.topic_id, result.error_code) == ("t", topic.topic_id, ErrorCode.NONE)
    assert result.error_message is None
    assert (result.num_partitions, result.replication_factor) == (3, 1)


async def test_the_answer_has_all_configs_and_their_sources(at: MakeContext) -> None:
    (result,) = await create(at, configured(("retention.ms", "77")))
    assert result.configs is not None
    configs = {config.name: config for config in result.configs}
    assert len(configs) == 33
    assert (configs["retention.ms"].value, configs["retention.ms"].config_source) == ("77", 1)
    assert (configs["segment.ms"].value, configs["segment.ms"].config_source) == ("604800000", 5)


class TestDefaults:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"num.partitions": "4"}

    async def test_minus_one_is_the_brokers_default(self, at: MakeContext) -> None:
        (result,) = await create(at, new("t", -1, -1))
        assert (result.num_partitions, result.replication_factor) == (4, 1)


class TestTooHighADefault:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"default.replication.factor": "3"}

    async def test_the_default_replication_factor_needs_as_many_brokers(self, at: MakeContext) -> None:
        results = await create(at, new("t", 1, -1), new("u", 1, 1))
        assert [one.error_code for one in results] == [ErrorCode.INVALID_REPLICATION_FACTOR, ErrorCode.NONE]


async def test_what_is_only_validated_is_not_created(broker: Broker, at: MakeContext) -> None:
    (result,) = await create(at, new("t"), validate_only=True)
    assert result.error_code == ErrorCode.NONE
    assert result.topic_id != bytes(16)
    assert broker.topics.get("t") is None


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        (new("taken"), ErrorCode.TOPIC_ALREADY_EXISTS),
        (new("a b"), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (new("a_b"), ErrorCode.INVALID_TOPIC_EXCEPTION),
        (new("__cluster_metadata"), ErrorCode.INVALID_REQUEST),
        (new("t", 0), ErrorCode.INVALID_PARTITIONS),
        (new("t", 1, 0), ErrorCode.INVALID_REPLICATION_FACTOR),
        (new("t", 1, 3), ErrorCode.INVALID_REPLICATION_FACTOR),
        (new("t", 0, 3), ErrorCode.INVALID_PARTITIONS),
        (assigned((0, [2])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((1, [1])), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (assigned((0, [1]), partitions=1), ErrorCode.INVALID_REQUEST),
        (configured(("nope", "1")), ErrorCode.INVALID_CONFIG),
        (configured(("retention.ms", "x")), ErrorCode.INVALID_CONFIG),
        (configured(("retention.ms", None)), ErrorCode.INVALID_CONFIG),
        (
            configured(("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")),
            ErrorCode.INVALID_CONFIG,
        ),
        (configured(("remote.storage.enable", "true")), ErrorCode.INVALID_CONFIG),
    ],
)
async def test_errors(broker: Broker, at: MakeContext, topic: CreatableTopic, code: ErrorCode) -> None:
    await broker.topics.create("taken", 1, {})
    await broker.topics.create("a.b", 1, {})
    (result,) = await create(at, topic)
    assert result.error_code == code
    assert result.error_message
    assert (result.topic_id, result.num_partitions, result.configs) == (bytes(16), -1, [])
    assert broker.topics.get("t") is None


async def test_a_manual_assignment(at: MakeContext) -> None:
    (result,) = await create(at, assigned((1, [1]), (0, [1])))
    assert (result.error_code, result.num_partitions, result.replication_factor) == (ErrorCode.NONE, 2, 1)


async def test_configs_are_answered_as_they_were_given(broker: Broker, at: MakeContext) -> None:
    (result,) = await create(at, configured(("cleanup.policy", "delete, compact,delete")))
    assert "delete, compact,delete" in [config.value for config in result.configs or ()]
    assert broker.config.describe_topic(broker.topics.all()[0].configs)[0].value == "delete,compact"


async def test_of_a_config_named_twice_the_last_counts(broker: Broker, at: MakeContext) -> None:
    await create(at, configured(("retention.ms", "1"), ("retention.ms", "2")))
    topic = broker.topics.get("t")
    assert topic is not None
    assert topic.config.retention_ms == 2


async def test_a_topic_named_twice_is_answered_once_at_the_end(broker: Broker, at: MakeContext) -> None:
    results = await create(at, new("d"), new("d", 2), new("e"))
    assert [(one.name, one.error_code) for one in results] == [("e", 0), ("d", ErrorCode.INVALID_REQUEST)]
    assert broker.topics.get("d") is None


async def test_names_that_collide_in_one_request_are_both_created(at: MakeContext) -> None:
    """Apache Kafka looks for collisions with what exists, once a request."""
    results = await create(at, new("z.z"), new("z_z"))
    assert [one.error_code for one in results] == [0, 0]


@pytest.mark.parametrize(
    "topics",
    [
        [new("t", 10_000)],
        [new("t", 10_001)],
        [new("t", 9_998, configs=[CreatableTopicConfig("retention.ms", "1")] * 1), new("u", 1)],
        [new(f"t{number}") for number in range(5001)],
        [new("t", -1, -1, assignments=[CreatableReplicaAssignment(n, [1]) for n in range(10_001)])],
    ],
)
async def test_too_much_for_one_request(
    broker: Broker, at: MakeContext, topics: list[CreatableTopic]
) -> None:
    results = await create(at, *topics)
    assert {one.error_code for one in results} == {ErrorCode.POLICY_VIOLATION}
    assert not broker.topics.all()


async def test_the_most_that_one_request_may_create(at: MakeContext) -> None:
    (result,) = await create(at, new("t", 9_999))
    assert result.error_code == ErrorCode.NONE


@pytest.mark.parametrize("timeout_ms", [0, -1])
async def test_no_time_at_all(broker: Broker, at: MakeContext, timeout_ms: int) -> None:
    results = await create(at, new("t"), new("t"), new("a b"), timeout_ms=timeout_ms)
    assert [one.error_code for one in results] == [ErrorCode.REQUEST_TIMED_OUT] * 3
    assert broker.topics.get("t") is None


async def test_what_cannot_be_stored_is_not_created(broker: Broker, at: MakeContext) -> None:
    refuse_writes(broker)
    (result,) = await create(at, new("t"))
    assert result.error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert broker.topics.get("t") is None
