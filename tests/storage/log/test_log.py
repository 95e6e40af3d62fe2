"""What is written down when segments are completed, and what becomes of a log that the disk fails."""

from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

from .conftest import NOW_MS, Disk, append, batch, fill, now, read_all


def test_rolling_and_stopping_leave_a_snapshot(disk: Disk) -> None:
    disk.config.segment_bytes = 200
    log = disk.start()
    for _ in range(5):
        append(log, batch(size=100))
    disk.stop()
    assert [name[17:20] for name in disk.names() if name.endswith("snapshot")] == ["002", "004", "005"]
    log = disk.start()
    append(log, batch(size=100))
    disk.stop()
    disk.start()
    assert [name[17:20] for name in disk.names() if name.endswith("snapshot")] == ["002", "004", "006"]


def test_untouched_empty_partition_leaves_no_snapshot(disk: Disk) -> None:
    disk.start()
    disk.stop()
    assert not [name for name in disk.names() if name.endswith("snapshot")]


def test_log_stops_when_a_torn_write_cannot_be_cut_off(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    disk.files.write_limit = 30
    disk.files.broken = {"truncate"}
    for _ in range(2):
        with pytest.raises(KafkaError) as caught:
            append(log, batch())
        assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    with pytest.raises(KafkaError):
        now(log.read(0, 100))
    disk.files.broken.clear()
    disk.files.write_limit = None
    log = disk.restart(clean=False)
    assert read_all(log) == [0]
    assert append(log, batch()).base_offset == 1


def test_failing_to_roll_leaves_the_active_segment(disk: Disk) -> None:
    disk.config.segment_bytes = 100
    log = disk.start()
    append(log, batch())
    disk.files.broken = {"create"}
    with pytest.raises(KafkaError):
        append(log, batch())
    disk.files.broken.clear()
    append(log, batch())
    assert read_all(log) == [0, 1]


def test_what_a_refused_flush_took_the_next_one_syncs(disk: Disk) -> None:
    """Indexes are written before anything is synced, and there may be no space for them."""
    fill(disk, 7)
    log = disk.partition().log
    disk.files.write_limit = 0
    with pytest.raises(OSError, match="No space left"):
        log.prepare_flush()
    disk.files.write_limit = None
    job = log.prepare_flush()
    assert job.directories == [str(disk.partition_path), str(disk.path)]
    assert [Path(path).name[15:] for path in job.paths] == [
        f"{base:05d}.{kind}" for base in (0, 4) for kind in ("log", "index", "timeindex")
    ]


def test_a_sync_is_due_once_a_segment_was_completed(disk: Disk) -> None:
    partition = disk.start()
    log = partition.log
    append(partition, batch())
    assert not log.flush_due(NOW_MS)
    log.roll()
    assert log.flush_due(NOW_MS)
    log.prepare_flush().run()
    append(partition, batch())
    assert not log.flush_due(NOW_MS)
