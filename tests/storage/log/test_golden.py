"""Directories written once, by Apache Kafka 4.3.1 and by format version 1 of kbroker, open as what they were.

The Apache ones hold batches of each codec, an idempotent producer (id 0), transactions committed (1), aborted (1, 2)
and left open (3), in segments at 0, 25, 46 and 52; `killed` is the directory of a broker that was killed.
"""

import shutil
from pathlib import Path

import pytest

from kbroker.protocol.records import iter_batches, records_of
from kbroker.storage.interfaces.logs import AbortedTransaction, OffsetAndTimestamp
from kbroker.storage.log.checkpoints import read_topic_id
from kbroker.storage.log.partition_log import PartitionLog

from .conftest import TOPIC_ID, Disk, append, batch, now

DATA = Path(__file__).parents[2] / "data"
T = 1_700_000_000_000
HOUR = 3_600_000


def lay_out(disk: Disk, golden: str) -> None:
    shutil.copytree(DATA / golden, disk.path)


def opened(disk: Disk, topic: str = "golden", index: int = 0) -> PartitionLog:
    disk.config.index_interval_bytes = 100
    disk.config.segment_index_bytes = 4096
    disk.config.segment_ms = 600_000
    disk.start_without_opening()
    topic_id = read_topic_id(str(disk.path / f"{topic}-{index}"))
    assert topic_id is not None
    return disk.partition(topic, index, topic_id)


def values(log: PartitionLog, *, committed: bool = False) -> dict[int, bytes | None]:
    """Value by offset, of data records."""
    found: dict[int, bytes | None] = {}
    offset = log.log_start_offset
    while data := now(log.read(offset, 10_000, committed=committed, at_least_one=True)).records:
        for header, view in iter_batches(data):
            offset = header.last_offset + 1
            if not header.is_control:
                found.update({record.offset: record.value for record in records_of(view)})
    return {offset: value for offset, value in found.items() if offset >= log.log_start_offset}


def files(disk: Disk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((disk.path / "golden-0").iterdir())}


@pytest.mark.parametrize("how", ["clean", "killed"])
def test_apache_kafkas_directory_opens(disk: Disk, how: str) -> None:
    lay_out(disk, f"apache-4.3.1/{how}")
    log = opened(disk)
    assert (log.log_start_offset, log.last_stable_offset, log.high_watermark, log.leader_epoch) == (
        0,
        57,
        60,
        0,
    )
    assert [segment.base_offset for segment in log.log.segments] == [0, 25, 46, 52]
    found = values(log)
    assert sorted(found) == [*range(52), 54, 55, 57, 58, 59]
    for number, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
        assert found[5 * number] == f"{codec}-0-".encode() + b"x" * 20
    assert (found[25], found[46], found[59]) == (b"idem-0-0", b"a-commit-0", b"after open")
    assert max(values(log, committed=True)) == 55
    aborted = now(log.read(46, 10_000, committed=True)).aborted_transactions
    assert aborted == [AbortedTransaction(2, 49)]
    aborted = now(log.read(52, 10_000, committed=True)).aborted_transactions
    assert aborted == [AbortedTransaction(2, 49), AbortedTransaction(1, 54)]
    states = {
        producer.producer_id: (
            producer.producer_epoch,
            producer.last_sequence,
            producer.current_txn_start_offset,
        )
        for producer in now(log.active_producers())
    }
    assert states == {0: (0, 22, -1), 1: (0, 4, -1), 2: (0, 1, -1), 3: (0, 1, 57)}
    assert now(log.offset_for_timestamp(T + 4001)) == OffsetAndTimestamp(1, T + 4001, 0)
    assert now(log.offset_for_timestamp(T + HOUR + 3001)) == OffsetAndTimestamp(35, T + HOUR + 3001, 0)
    latest = now(log.max_timestamp())
    assert latest is not None
    assert latest.offset == 56


def test_clean_directory_of_apache_kafka_is_left_as_it_was(disk: Disk) -> None:
    """Opened and closed again, not one byte of the partition differs: what is written is written as there."""
    lay_out(disk, "apache-4.3.1/clean")
    before = files(disk)
    opened(disk)
    disk.stop()
    assert files(disk) == before


def test_killed_directory_of_apache_kafka_becomes_the_clean_one(disk: Disk) -> None:
    """Recovery writes the same indexes and the same snapshot that Apache Kafka wrote when it stopped."""
    lay_out(disk, "apache-4.3.1/killed")
    opened(disk)
    disk.stop()
    expected = DATA / "apache-4.3.1" / "clean" / "golden-0"
    found = files(disk)
    assert {path.name for path in expected.iterdir()} - set(found) == {
        f"{base:020d}.snapshot" for base in (25, 46, 52)
    }
    for name, content in found.items():
        if name.endswith(".snapshot"):  # in another order there
            assert sorted(entries(content)) == sorted(entries((expected / name).read_bytes()))
        else:
            assert content == (expected / name).read_bytes(), name


def entries(snapshot: bytes) -> list[bytes]:
    return [snapshot[start : start + 46] for start in range(10, len(snapshot), 46)]


def test_partition_of_apache_kafka_without_records_opens(disk: Disk) -> None:
    lay_out(disk, "apache-4.3.1/killed")
    assert opened(disk, "never-written").high_watermark == 0


def test_appends_go_on_in_apache_kafkas_directory(disk: Disk) -> None:
    lay_out(disk, "apache-4.3.1/killed")
    log = opened(disk)
    again = batch(producer_id=0, producer_epoch=0, base_sequence=22)
    assert append(log, again).base_offset == 59, "the last batch of its producer, repeated"
    assert append(log, batch(producer_id=0, producer_epoch=0, base_sequence=23)).base_offset == 60


def test_format_1_opens(disk: Disk) -> None:
    lay_out(disk, "format-1")
    before = files(disk)
    log = opened(disk)
    assert log.topic_id == TOPIC_ID
    assert (log.log_start_offset, log.last_stable_offset, log.high_watermark) == (2, 21, 24)
    assert values(log) == {
        offset: b"value-%d" % offset for offset in range(24) if offset not in {0, 1, 18, 19}
    }
    assert now(log.read(12, 10_000, committed=True)).aborted_transactions == [AbortedTransaction(2, 14)]
    assert append(log, batch(producer_id=1, producer_epoch=0, base_sequence=8)).base_offset == 23
    disk.stop()
    assert files(disk) == before
    assert opened(disk, "other", 3).high_watermark == 0
