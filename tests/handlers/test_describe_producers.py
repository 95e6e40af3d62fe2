"""kbroker/handlers/describe_producers.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.describe_producers import handle
from kbroker.protocol.describe_producers import (
    DescribeProducersRequest,
    PartitionResponse,
    ProducerState,
    TopicRequest,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.records import Record, encode_batch, parse_header

At = Callable[[int], RequestContext]
NOW = 1_700_000_000_000


async def described(at: At, name: str, *indexes: int) -> list[PartitionResponse]:
    response = await handle(DescribeProducersRequest([TopicRequest(name, list(indexes))]), at(0))
    (topic,) = response.topics
    assert topic.name == name
    return topic.partitions


async def produce(broker: Broker, producer_id: int, sequence: int, *, transactional: bool = False) -> None:
    topic = broker.topics.get("t")
    assert topic is not None
    batch = encode_batch(
        [Record(0, NOW, value=b"v")],
        producer_id=producer_id,
        producer_epoch=2,
        base_sequence=sequence,
        transactional=transactional,
    )
    await (await broker.partition(topic, 0)).append(memoryview(batch), parse_header(batch))


async def test_producers_and_what_they_have_open(broker: Broker, at: At) -> None:
    await broker.topics.create("t", 2, {})
    await produce(broker, 5, 0)
    await produce(broker, 5, 1)
    await produce(broker, 6, 0, transactional=True)
    assert await described(at, "t", 0, 1) == [
        PartitionResponse(
            0,
            ErrorCode.NONE,
            None,
            [ProducerState(5, 2, 1, NOW, -1, -1), ProducerState(6, 2, 0, NOW, -1, 2)],
        ),
        PartitionResponse(1, ErrorCode.NONE, None, []),
    ]


@pytest.mark.parametrize(
    ("name", "index", "error", "explained"),
    [
        ("t", 2, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, False),
        ("t", -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, False),
        ("nowhere", 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, True),
        ("a/b", 0, ErrorCode.INVALID_TOPIC_EXCEPTION, True),
        ("", 0, ErrorCode.INVALID_TOPIC_EXCEPTION, True),
    ],
)
async def test_what_is_not_there(  # noqa: PLR0917
    broker: Broker, at: At, name: str, index: int, error: ErrorCode, explained: bool
) -> None:
    await broker.topics.create("t", 2, {})
    (answer,) = await described(at, name, index)
    assert (answer.error_code, answer.error_message is not None) == (error, explained)
    assert answer.active_producers == []
