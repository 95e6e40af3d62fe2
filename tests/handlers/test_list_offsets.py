"""ListOffsets, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import list_offsets
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kbroker.protocol.records import Record, encode_batch, parse_header

from .conftest import MakeContext

LATEST_VERSION = 11
NOW = 1_700_000_000_000
NONE_FOUND = ListOffsetsPartitionResponse(0, ErrorCode.NONE, -1, -1, -1)


@pytest.fixture
async def filled(broker: Broker) -> Broker:
    """Topic t: partition 0 has five records in three batches, not in order of time; partition 1 is empty."""
    topic = await broker.topics.create("t", 2, {})
    partition = await broker.partition(topic, 0)
    for times in ([NOW, NOW + 10], [NOW + 30, NOW + 20], [NOW + 5]):
        batch = encode_batch([Record(n, time, b"k", b"v") for n, time in enumerate(times)])
        await partition.append(memoryview(batch), parse_header(batch))
    return broker


def request(
    timestamp: int, index: int = 0, *, topic: str = "t", epoch: int = -1, isolation_level: int = 0
) -> ListOffsetsRequest:
    partition = ListOffsetsPartition(index, epoch, timestamp)
    return ListOffsetsRequest(-1, isolation_level, [ListOffsetsTopic(topic, [partition])])


async def ask(
    at: MakeContext, asked: ListOffsetsRequest, version: int = LATEST_VERSION
) -> ListOffsetsPartitionResponse:
    response = await list_offsets.handle(asked, at(version))
    return response.topics[0].partitions[0]


@pytest.mark.parametrize(
    ("timestamp", "found_timestamp", "offset"),
    [
        (-1, -1, 5),
        (-2, -1, 0),
        (-3, NOW + 30, 2),
        (-4, -1, 0),
        (0, NOW, 0),
        (NOW + 1, NOW + 10, 1),
        (NOW + 11, NOW + 30, 2),
        (NOW + 30, NOW + 30, 2),
    ],
)
async def test_offsets_found(
    filled: Broker, at: MakeContext, timestamp: int, found_timestamp: int, offset: int
) -> None:
    expected = ListOffsetsPartitionResponse(0, ErrorCode.NONE, found_timestamp, offset, 0)
    assert await ask(at, request(timestamp)) == expected


@pytest.mark.parametrize("timestamp", [-5, -6, NOW + 31])
async def test_nothing_found_is_no_error(filled: Broker, at: MakeContext, timestamp: int) -> None:
    assert await ask(at, request(timestamp)) == NONE_FOUND


@pytest.mark.parametrize(
    ("timestamp", "offset", "epoch"), [(-1, 0, 0), (-2, 0, 0), (-3, -1, -1), (NOW, -1, -1)]
)
async def test_an_empty_partition(
    filled: Broker, at: MakeContext, timestamp: int, offset: int, epoch: int
) -> None:
    expected = ListOffsetsPartitionResponse(1, ErrorCode.NONE, -1, offset, epoch)
    assert await ask(at, request(timestamp, 1)) == expected


@pytest.mark.parametrize(
    ("timestamp", "version"), [(-3, 6), (-4, 7), (-5, 8), (-6, 10), (-7, 11), (-100, 11)]
)
async def test_a_special_timestamp_too_new_for_the_version(
    filled: Broker, at: MakeContext, timestamp: int, version: int
) -> None:
    assert (await ask(at, request(timestamp), version)).error_code == ErrorCode.UNSUPPORTED_VERSION
    if timestamp > -7:
        assert (await ask(at, request(timestamp), version + 1)).error_code == ErrorCode.NONE


@pytest.mark.parametrize(("topic", "index"), [("t", 2), ("t", -1), ("nope", 0), ("a b", 0)])
async def test_unknown_partitions(filled: Broker, at: MakeContext, topic: str, index: int) -> None:
    answer = await ask(at, request(-1, index, topic=topic))
    assert answer == ListOffsetsPartitionResponse(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1, -1, -1)


@pytest.mark.parametrize(
    ("epoch", "code"),
    [
        (-1, ErrorCode.NONE),
        (0, ErrorCode.NONE),
        (1, ErrorCode.UNKNOWN_LEADER_EPOCH),
        (-2, ErrorCode.FENCED_LEADER_EPOCH),
    ],
)
async def test_the_clients_leader_epoch_is_checked(
    filled: Broker, at: MakeContext, epoch: int, code: ErrorCode
) -> None:
    assert (await ask(at, request(-1, epoch=epoch))).error_code == code


async def test_read_committed_sees_the_last_stable_offset(filled: Broker, at: MakeContext) -> None:
    assert (await ask(at, request(-1, isolation_level=1))).offset == 5
    assert (await ask(at, request(-1, isolation_level=2))).error_code == ErrorCode.UNKNOWN_SERVER_ERROR


async def test_a_partition_named_twice_is_answered_once_and_refused(filled: Broker, at: MakeContext) -> None:
    """Also when its topic is what is named twice."""
    first, second = ListOffsetsPartition(0, -1, -1), ListOffsetsPartition(1, -1, -1)
    for topics in (
        [ListOffsetsTopic("t", [first, second, first])],
        [ListOffsetsTopic("t", [first, second]), ListOffsetsTopic("t", [first]), ListOffsetsTopic("u", [])],
    ):
        response = await list_offsets.handle(ListOffsetsRequest(topics=topics), at(LATEST_VERSION))
        assert [topic.name for topic in response.topics] == ["t"]
        codes = [(one.partition_index, one.error_code) for one in response.topics[0].partitions]
        assert codes == [(1, ErrorCode.NONE), (0, ErrorCode.INVALID_REQUEST)]
