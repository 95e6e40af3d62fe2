"""CreatePartitions, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import create_partitions
from kbroker.protocol.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.topics import Topic

from .conftest import MakeContext

VERSION = 3


def more(name: str, count: int, *assigned: list[int] | None) -> CreatePartitionsTopic:
    """Without assignments, unless there are some; None alone stands for an empty list of them."""
    if not assigned:
        return CreatePartitionsTopic(name, count, None)
    return CreatePartitionsTopic(
        name, count, [CreatePartitionsAssignment(one) for one in assigned if one is not None]
    )


async def create(
    at: MakeContext, *topics: CreatePartitionsTopic, validate_only: bool = False, timeout_ms: int = 5000
) -> list[CreatePartitionsTopicResult]:
    asked = CreatePartitionsRequest([*topics], timeout_ms, validate_only)
    return (await create_partitions.handle(asked, at(VERSION))).results


@pytest.fixture
async def topic(broker: Broker) -> Topic:
    return await broker.topics.create("t", 2, {})


async def test_new_partitions_can_be_used_at_once(broker: Broker, at: MakeContext, topic: Topic) -> None:
    assert await create(at, more("t", 4)) == [CreatePartitionsTopicResult("t")]
    assert topic.partitions == 4
    assert (await broker.partition(topic, 3)).store.high_watermark == 0


async def test_a_good_assignment(at: MakeContext, topic: Topic) -> None:
    assert await create(at, more("t", 4, [1], [1])) == [CreatePartitionsTopicResult("t")]
    assert topic.partitions == 4


async def test_what_is_only_validated_does_not_happen(at: MakeContext, topic: Topic) -> None:
    assert await create(at, more("t", 4), validate_only=True) == [CreatePartitionsTopicResult("t")]
    assert topic.partitions == 2


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (more("nope", 3), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (more("", 3), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (more("t", 2), ErrorCode.INVALID_PARTITIONS),
        (more("t", 1), ErrorCode.INVALID_PARTITIONS),
        (more("t", -1), ErrorCode.INVALID_PARTITIONS),
        (more("t", 4, [1]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (more("t", 4, None), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (more("t", 4, [1], [2]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (more("t", 4, [1], []), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (more("t", 10_003), ErrorCode.UNKNOWN_SERVER_ERROR),
    ],
)
async def test_errors(at: MakeContext, topic: Topic, asked: CreatePartitionsTopic, code: ErrorCode) -> None:
    (result,) = await create(at, asked)
    assert (result.name, result.error_code) == (asked.name, code)
    assert topic.partitions == 2


async def test_the_limit_is_for_the_whole_request(broker: Broker, at: MakeContext, topic: Topic) -> None:
    await broker.topics.create("u", 2, {})
    results = await create(at, more("t", 9_002), more("u", 1_003), validate_only=True)
    assert [one.error_code for one in results] == [0, ErrorCode.UNKNOWN_SERVER_ERROR]


async def test_a_topic_named_twice_is_answered_once(broker: Broker, at: MakeContext, topic: Topic) -> None:
    await broker.topics.create("u", 2, {})
    results = await create(at, more("t", 5), more("u", 3), more("t", 6))
    assert [(one.name, one.error_code) for one in results] == [("t", ErrorCode.INVALID_REQUEST), ("u", 0)]
    assert topic.partitions == 2


async def test_no_time_at_all(at: MakeContext, topic: Topic) -> None:
    (result,) = await create(at, more("t", 3), timeout_ms=0)
    assert result.error_code == ErrorCode.REQUEST_TIMED_OUT
    assert topic.partitions == 2
