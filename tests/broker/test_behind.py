"""One of the two, logs and database, is behind the other, as after a power cut or a restored copy."""

import shutil
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.sqlite.database import FILE_NAME

from .crashing import Process


async def test_an_offset_beyond_a_log_that_lost_its_tail_is_out_of_range_as_in_apache_kafka(
    tmp_path: Path,
) -> None:
    """A power cut may take the log's last pages and leave the commit: the consumer is told, and resets."""
    process = Process(tmp_path / "data")
    await process.broker.load()
    await process.broker.topics.create("t", 1, {})
    for _ in range(3):
        await process.append(0)
    await process.commit(3)
    process.kill()
    log = process.path / "t-0" / f"{0:020d}.log"
    log.write_bytes(log.read_bytes()[:-1])

    after = Process(process.path)
    await after.broker.load()
    assert (await after.ends(), after.committed()) == ([2], 3)
    topic = after.broker.topics.get("t")
    assert topic is not None
    store = (await after.broker.partition(topic, 0)).store
    with pytest.raises(KafkaError) as caught:
        await store.read(3, 100)
    assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert await after.append(0) == 2
    after.kill()


async def started(path: Path) -> Process:
    process = Process(path)
    await process.broker.load()
    return process


async def test_a_directory_whose_topic_the_database_has_lost_is_left_alone_and_set_aside_for_a_new_topic(
    tmp_path: Path,
) -> None:
    process = await started(tmp_path / "data")
    process.kill()
    shutil.copy(tmp_path / "data" / FILE_NAME, tmp_path / "older")
    process = await started(tmp_path / "data")
    await process.broker.topics.create("t", 1, {})
    await process.append(0)
    process.kill()
    shutil.copy(tmp_path / "older", tmp_path / "data" / FILE_NAME)

    process = await started(tmp_path / "data")
    assert process.broker.topics.get("t") is None
    assert await process.directories() == ["t-0"]
    await process.broker.topics.create("t", 1, {})
    assert await process.append(0) == 0
    assert [name.rpartition("-")[2] for name in await process.directories()] == ["0", "stray"]
    process.kill()


async def test_a_topic_whose_directory_is_lost_begins_anew(tmp_path: Path) -> None:
    """As in Apache Kafka; its groups are told that their offsets are out of range, and reset."""
    process = await started(tmp_path / "data")
    await process.broker.topics.create("t", 2, {})
    await process.append(0)
    await process.append(1)
    await process.commit(1)
    process.kill()
    shutil.rmtree(tmp_path / "data" / "t-0")

    process = await started(tmp_path / "data")
    assert (await process.ends(), process.committed()) == ([0, 1], 1)
    assert await process.append(0) == 0
    process.kill()


async def test_a_database_that_forgot_partitions_leaves_their_directories_for_when_they_are_made_again(
    tmp_path: Path,
) -> None:
    process = await started(tmp_path / "data")
    await process.broker.topics.create("t", 1, {})
    process.kill()
    shutil.copy(tmp_path / "data" / FILE_NAME, tmp_path / "older")
    process = await started(tmp_path / "data")
    topic = process.broker.topics.get("t")
    assert topic is not None
    await process.broker.topics.add_partitions(topic, 2)
    await process.append(1)
    process.kill()
    shutil.copy(tmp_path / "older", tmp_path / "data" / FILE_NAME)

    process = await started(tmp_path / "data")
    assert await process.ends() == [0]
    topic = process.broker.topics.get("t")
    assert topic is not None
    await process.broker.topics.add_partitions(topic, 2)
    assert await process.ends() == [0, 1]
    process.kill()
