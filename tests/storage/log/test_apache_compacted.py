"""What Apache Kafka's own code makes of a log that was compacted here. Needs Java, see `test_apache`."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from kbroker.protocol.records import Codec, ControlType, encode_end_txn
from kbroker.storage.log.checkpoints import read_topic_id
from kbroker.storage.log.partition_log import PartitionLog

from . import test_apache
from .compacting import clean, keyed, records, segment_of
from .conftest import Disk
from .test_apache import ApacheKafka, Expected, dump, entries, problems, time_entries

pytestmark = test_apache.pytestmark
apache = test_apache.apache

KEPT = [("c", "1"), ("b", None), ("a", "3"), ("d", "1")]


def write(disk: Disk, log: PartitionLog) -> None:
    """Two segments with all that compaction knows of, compacted to one, and an active one."""
    now_ms = disk.clock.now
    producer = {"producer_id": 7, "producer_epoch": 0}
    segment_of(
        log,
        keyed(("a", "1"), ("b", "1"), timestamp=now_ms),
        keyed(("a", "2"), ("c", "1"), timestamp=now_ms, codec=Codec.ZSTD),
        keyed(("d", "of a producer"), timestamp=now_ms, producer_id=8, producer_epoch=0, base_sequence=0),
        keyed(("c", "aborted"), timestamp=now_ms, base_sequence=0, transactional=True, **producer),
        encode_end_txn(ControlType.ABORT, coordinator_epoch=0, timestamp=now_ms, **producer),
    )
    segment_of(log, keyed(("b", None), ("a", "3"), timestamp=now_ms), keyed(("d", "1"), timestamp=now_ms))
    disk.config.cleanup_policy = frozenset({"compact"})
    clean(disk)
    assert len(log.log.segments) == 2


def test_dump_log_segments_reads_it_cleanly(disk: Disk) -> None:
    disk.config.index_interval_bytes = 100
    log = disk.start()
    write(disk, log)
    assert [(key, value) for _, key, value in records(log)] == KEPT
    offsets, times = log.log.segments[0].indexes
    disk.stop()
    first = disk.partition_path / f"{0:020d}"
    positions = zip(*entries(offsets), strict=True)
    moments = zip(*time_entries(times), strict=True)
    expected = {
        # c; an empty batch for each of the two producers; the marker; b and a; d
        first.with_suffix(".log"): Expected(6, len(KEPT) + 1),
        first.with_suffix(".index"): Expected(
            entries=tuple(f"offset: {offset} position: {position}" for offset, position in positions)
        ),
        first.with_suffix(".timeindex"): Expected(
            entries=tuple(f"timestamp: {moment} offset: {offset}" for offset, moment in moments)
        ),
        first.with_suffix(".txnindex"): Expected(
            entries=("version: 0 producerId: 7 firstOffset: 5 lastOffset: 6 lastStableOffset: 7",)
        ),
    }
    sections = dump(*expected)
    for path, wanted in expected.items():
        assert problems(path, sections[path], wanted) == []
    horizon = disk.clock.now + disk.config.delete_retention_ms
    assert any(f"deleteHorizonMs: OptionalLong[{horizon}]" in line for line in sections[next(iter(expected))])


@pytest.mark.skipif("KAFKA_LIBS" not in os.environ, reason="takes 20 s: asked for by setting $KAFKA_LIBS")
def test_apache_kafka_goes_on_with_it(apache: ApacheKafka, disk: Disk) -> None:
    apache.start()
    apache.produce(["first"])
    apache.end(signal.SIGTERM)
    disk.path.mkdir()
    shutil.copytree(apache.data / "t-0", disk.partition_path)
    topic_id = read_topic_id(str(disk.partition_path))
    assert topic_id is not None
    disk.clock.now = time.time_ns() // 1_000_000
    disk.start_without_opening()
    log = disk.partition(topic_id=topic_id)
    log.log.roll()
    write(disk, log)
    disk.stop()
    shutil.rmtree(apache.data / "t-0")
    for name in ("t-0", "recovery-point-offset-checkpoint", "cleaner-offset-checkpoint"):
        copy: object = shutil.copytree if Path(disk.path, name).is_dir() else shutil.copy
        copy(disk.path / name, apache.data / name)  # type: ignore[operator]
    apache.start()
    assert apache.consume(len(KEPT)) == [value or "null" for _, value in KEPT]
    apache.produce(["and on"])
    assert apache.consume(len(KEPT) + 1)[-1] == "and on"
