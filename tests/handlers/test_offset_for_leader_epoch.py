"""OffsetForLeaderEpoch, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import offset_for_leader_epoch
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kbroker.protocol.records import Record, encode_batch, parse_header

from .conftest import MakeContext

VERSION = 4


@pytest.fixture
async def broker(broker: Broker) -> Broker:
    """With topic t: three records in partition 0, none in partition 1."""
    topic = await broker.topics.create("t", 2, {})
    partition = await broker.partition(topic, 0)
    for _ in range(3):
        batch = encode_batch([Record(0, 1_700_000_000_000, b"k", b"v")])
        await partition.append(memoryview(batch), parse_header(batch))
    return broker


async def ask(at: MakeContext, topic: str, index: int, current: int, epoch: int) -> EpochEndOffset:
    asked = OffsetForLeaderTopic(topic, [OffsetForLeaderPartition(index, current, epoch)])
    response = await offset_for_leader_epoch.handle(OffsetForLeaderEpochRequest(-1, [asked]), at(VERSION))
    assert response.topics[0].topic == topic
    return response.topics[0].partitions[0]


@pytest.mark.parametrize(
    ("index", "epoch", "answer"),
    [(0, 0, (0, 3)), (1, 0, (0, 0)), (0, 1, (-1, -1)), (0, 5, (-1, -1)), (0, -1, (-1, -1)), (0, -2, (-2, 0))],
)
async def test_where_an_epoch_ended(at: MakeContext, index: int, epoch: int, answer: tuple[int, int]) -> None:
    assert await ask(at, "t", index, -1, epoch) == EpochEndOffset(ErrorCode.NONE, index, *answer)


@pytest.mark.parametrize(
    ("topic", "index", "current", "code"),
    [
        ("t", 9, 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("nope", 0, 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", 0, 1, ErrorCode.UNKNOWN_LEADER_EPOCH),
    ],
)
async def test_errors(at: MakeContext, topic: str, index: int, current: int, code: ErrorCode) -> None:
    assert await ask(at, topic, index, current, 0) == EpochEndOffset(code, index, -1, -1)
