"""DeleteRecords, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import delete_records
from kbroker.protocol.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.records import Record, encode_batch, parse_header

from .conftest import FixedClock, MakeContext

VERSION = 2


async def topic_of_five(broker: Broker, cleanup_policy: str = "delete") -> None:
    topic = await broker.topics.create("t", 2, {"cleanup.policy": cleanup_policy})
    partition = await broker.partition(topic, 0)
    for _ in range(5):
        batch = encode_batch([Record(0, 1_700_000_000_000, b"k", b"v")])
        await partition.append(memoryview(batch), parse_header(batch))


async def delete(
    at: MakeContext, *partitions: tuple[int, int], topic: str = "t"
) -> dict[int, tuple[int, int]]:
    """Low watermark and error code by partition."""
    asked = DeleteRecordsTopic(topic, [DeleteRecordsPartition(*one) for one in partitions])
    response = await delete_records.handle(DeleteRecordsRequest([asked]), at(VERSION))
    assert [one.name for one in response.topics] == [topic]
    return {one.partition_index: (one.low_watermark, one.error_code) for one in response.topics[0].partitions}


async def test_the_start_moves_up_and_never_down(broker: Broker, at: MakeContext) -> None:
    await topic_of_five(broker)
    assert await delete(at, (0, 1)) == {0: (1, 0)}
    assert await delete(at, (0, 3)) == {0: (3, 0)}
    assert await delete(at, (0, 0)) == {0: (3, 0)}
    assert await delete(at, (0, -1)) == {0: (5, 0)}
    assert await delete(at, (1, -1)) == {1: (0, 0)}


@pytest.mark.parametrize("offset", [-2, 6])
async def test_offsets_out_of_range(broker: Broker, at: MakeContext, offset: int) -> None:
    await topic_of_five(broker)
    assert await delete(at, (0, offset)) == {0: (-1, ErrorCode.OFFSET_OUT_OF_RANGE)}


@pytest.mark.parametrize(
    ("topic", "index", "code"),
    [
        ("t", 2, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("nope", 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("__consumer_offsets", 0, ErrorCode.INVALID_TOPIC_EXCEPTION),
    ],
)
async def test_partitions_that_cannot_be_cut(
    broker: Broker, at: MakeContext, topic: str, index: int, code: ErrorCode
) -> None:
    await topic_of_five(broker)
    assert await delete(at, (index, 0), topic=topic) == {index: (-1, code)}


@pytest.mark.parametrize(
    ("policy", "answer"),
    [("compact", (-1, ErrorCode.POLICY_VIOLATION)), ("compact,delete", (1, 0)), ("", (1, 0))],
)
async def test_topics_that_are_only_compacted_are_not_cut(
    broker: Broker, at: MakeContext, policy: str, answer: tuple[int, int]
) -> None:
    await topic_of_five(broker, policy)
    assert await delete(at, (0, 1)) == {0: answer}


async def test_records_that_retention_would_drop_are_not_dropped_with_the_others(
    broker: Broker, at: MakeContext, clock: FixedClock
) -> None:
    """That is for retention's own check, and the answer must be the offset that was asked for."""
    await topic_of_five(broker)
    clock.now += 365 * 24 * 3_600_000
    assert await delete(at, (0, 2)) == {0: (2, 0)}


async def test_the_last_offset_named_for_a_partition_counts(broker: Broker, at: MakeContext) -> None:
    await topic_of_five(broker)
    assert await delete(at, (0, 1), (0, 2)) == {0: (2, 0)}


async def test_a_topic_named_twice_is_answered_once(broker: Broker, at: MakeContext) -> None:
    await topic_of_five(broker)
    topics = [
        DeleteRecordsTopic("t", [DeleteRecordsPartition(0, 1)]),
        DeleteRecordsTopic("t", [DeleteRecordsPartition(1, 0)]),
    ]
    response = await delete_records.handle(DeleteRecordsRequest(topics), at(VERSION))
    assert [(one.name, len(one.partitions)) for one in response.topics] == [("t", 2)]
