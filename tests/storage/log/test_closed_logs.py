"""What a directory's names, sizes and times tell, and that due logs are opened for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbroker.config.topic import TopicConfig
from kbroker.storage.interfaces.logs import KnownPartition
from kbroker.storage.log.closed_logs import SegmentFile, compaction_possible, retention_due, segment_files

from .compacting import clean, keyed, segment_of
from .conftest import NOW_MS, TOPIC_ID, Disk, append, batch, now

FILES = [SegmentFile(0, 1000, NOW_MS), SegmentFile(10, 1000, NOW_MS + 1000)]


def test_segment_files(tmp_path: Path) -> None:
    for name in (
        "00000000000000000010.log",
        "00000000000000000000.log",
        "00000000000000000010.index",
        "a.log",
    ):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, ns=(0, NOW_MS * 1_000_000))
    assert segment_files(str(tmp_path)) == [SegmentFile(0, 24, NOW_MS), SegmentFile(10, 24, NOW_MS)]
    assert segment_files(str(tmp_path / "absent")) == []


def test_retention_by_age() -> None:
    config = TopicConfig(retention_ms=1000)
    assert not retention_due(FILES, config, NOW_MS + 1000)
    assert retention_due(FILES, config, NOW_MS + 1001)
    assert not retention_due([], config, NOW_MS + 1001)
    assert not retention_due([SegmentFile(0, 0, NOW_MS)], config, NOW_MS + 1001)
    config.cleanup_policy = frozenset({"compact"})
    assert not retention_due(FILES, config, NOW_MS + 1001)


@pytest.mark.parametrize(
    ("retention_bytes", "due"), [(-1, False), (2000, False), (1001, False), (1000, True)]
)
def test_retention_by_size(retention_bytes: int, due: bool) -> None:
    assert retention_due(FILES, TopicConfig(retention_bytes=retention_bytes), NOW_MS) is due


def test_compaction_of_complete_segments() -> None:
    config = TopicConfig(cleanup_policy=frozenset({"compact"}))
    assert compaction_possible(FILES, config, 9)
    assert not compaction_possible(FILES, config, 10)
    assert not compaction_possible(FILES[:1], config, 0)
    assert not compaction_possible(FILES, TopicConfig(), 0)


def partitions(disk: Disk, count: int) -> Iterator[KnownPartition]:
    return (KnownPartition("t", TOPIC_ID, index, disk.config) for index in range(count))


def open_due(disk: Disk, now_ms: int, count: int) -> list[int]:
    """Which partitions are open afterwards."""
    for known in partitions(disk, count):
        if disk.store.is_due(known, now_ms):
            disk.partition(index=known.index)
    return [log.index for log in disk.store.opened()]


def test_retention_reaches_logs_that_nobody_has_opened(disk: Disk) -> None:
    disk.start()
    for index in range(3):
        append(disk.partition(index=index), batch())
    disk.stop()
    hour_ms = 3_600_000
    for index, age_ms in ((0, hour_ms), (1, 0), (2, hour_ms)):
        (log,) = (disk.path / f"t-{index}").glob("*.log")
        os.utime(log, ns=(0, (NOW_MS - age_ms) * 1_000_000))
    disk.config.retention_ms = 1000
    disk.start_without_opening()
    assert open_due(disk, NOW_MS, 4) == [0, 2]
    assert not (disk.path / "t-3").exists()
    now(disk.store.enforce_retention(NOW_MS + 2000))
    assert [disk.partition(index=index).log_start_offset for index in (0, 2)] == [1, 1]


def test_compaction_reaches_them_too(disk: Disk) -> None:
    disk.config.cleanup_policy = frozenset({"compact"})
    disk.start()
    for index in range(2):
        log = disk.partition(index=index)
        segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    disk.partition(index=2)
    disk.stop()
    disk.start_without_opening()
    assert open_due(disk, NOW_MS, 3) == [0, 1]
    clean(disk)
    disk.stop()
    disk.start_without_opening()
    assert open_due(disk, NOW_MS, 3) == []


def test_looking_opens_no_file(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    append(disk.start(), batch())
    disk.stop()
    disk.start_without_opening()

    def refuse(*_: object, **__: object) -> int:
        raise AssertionError("opened a file")

    monkeypatch.setattr(os, "open", refuse)
    assert open_due(disk, NOW_MS, 1) == []
