"""DescribeLogDirs, as probed on Apache Kafka 4.3.1."""

import os
from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.embedded import open_broker
from kbroker.handlers import describe_log_dirs
from kbroker.protocol.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.storage.interfaces.logs import LogDir

from .conftest import FixedClock, MakeContext, config_of, context

VERSION = 5
BATCH = encode_batch([Record(0, 1_700_000_000_000, b"k", b"v")])


async def topics(broker: Broker) -> None:
    """Topic t holds one batch, in its partition 1; nobody has opened another."""
    topic = await broker.topics.create("t", 2, {})
    await broker.topics.create("u", 1, {})
    partition = await broker.partition(topic, 1)
    batch = bytearray(BATCH)
    await partition.append(memoryview(batch), parse_header(batch))


async def described(at: MakeContext, *named: tuple[str, list[int]]) -> DescribeLogDirsResult:
    request = DescribeLogDirsRequest([DescribableLogDirTopic(*each) for each in named] if named else None)
    [result] = (await describe_log_dirs.handle(request, at(VERSION))).results
    return result


def sizes(result: DescribeLogDirsResult) -> dict[str, dict[int, int]]:
    """Bytes by topic and partition."""
    for topic in result.topics:
        for each in topic.partitions:
            assert each == DescribeLogDirsPartition(each.partition_index, each.partition_size, 0, False)
    return {
        topic.name: {each.partition_index: each.partition_size for each in topic.partitions}
        for topic in result.topics
    }


async def test_the_data_directory_and_all_that_is_in_it(
    broker: Broker, at: MakeContext, tmp_path: Path
) -> None:
    await topics(broker)
    result = await described(at)
    assert (result.error_code, result.log_dir, result.is_cordoned) == (0, str(tmp_path), False)
    assert 0 < result.usable_bytes <= result.total_bytes
    assert sizes(result) == {"t": {0: 0, 1: len(BATCH)}, "u": {0: 0}}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ([("t", [1, 0, 1])], {"t": {1: len(BATCH), 0: 0}}),
        ([("t", [0]), ("u", [0]), ("t", [1])], {"t": {0: 0, 1: len(BATCH)}, "u": {0: 0}}),
        ([("t", [2, -1]), ("nope", [0]), ("u", [])], {}),
    ],
)
async def test_named_partitions_that_exist(
    broker: Broker,
    at: MakeContext,
    named: list[tuple[str, list[int]]],
    found: dict[str, dict[int, int]],
) -> None:
    await topics(broker)
    assert sizes(await described(at, *named)) == found


async def test_no_topic_is_none(broker: Broker, at: MakeContext) -> None:
    await topics(broker)
    [result] = (await describe_log_dirs.handle(DescribeLogDirsRequest([]), at(VERSION))).results
    assert (result.error_code, result.topics) == (0, [])


async def test_no_log_is_opened_or_made_for_it(tmp_path: Path, clock: FixedClock) -> None:
    async with open_broker(config_of(), tmp_path, clock) as broker:
        await topics(broker)
    async with open_broker(config_of(), tmp_path, clock) as broker:
        result = await described(lambda version: context(broker, version))
        assert sizes(result) == {"t": {0: 0, 1: len(BATCH)}, "u": {0: 0}}
        assert broker._partitions == {}
        assert "t-0" not in os.listdir(tmp_path)


async def test_a_directory_that_is_offline(
    broker: Broker, at: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing() -> list[LogDir]:
        return [LogDir("/gone", bytes(16), online=False)]

    monkeypatch.setattr(broker, "log_dirs", failing)
    assert await described(at) == DescribeLogDirsResult(ErrorCode.KAFKA_STORAGE_ERROR, "/gone")
