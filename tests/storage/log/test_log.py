"""When segments are rolled and let go, and what is written down at those moments."""

import pytest

from .conftest import NOW_MS, Disk, append, batch, now


def bases(disk: Disk) -> list[int]:
    return [segment.base_offset for segment in disk.partition().log.segments]


def test_segment_rolls_before_it_would_exceed_its_size(disk: Disk) -> None:
    disk.config.segment_bytes = 300
    log = disk.start()
    for _ in range(7):
        append(log, batch(size=100))
    assert bases(disk) == [0, 3, 6]


def test_segment_rolls_by_the_time_between_timestamps(disk: Disk) -> None:
    """segment.ms counts from the first batch's timestamp to the new batch's, not by the clock."""
    disk.config.segment_ms = 1000
    log = disk.start()
    append(log, batch(timestamps=5000))
    disk.clock.now += 10_000
    append(log, batch(timestamps=6000))
    append(log, batch(timestamps=6001))
    assert bases(disk) == [0, 2]
    log = disk.restart(clean=False)
    append(log, batch(timestamps=7001))
    append(log, batch(timestamps=7002))
    assert bases(disk) == [0, 2, 4]


def test_segment_without_timestamps_rolls_by_the_clock(disk: Disk) -> None:
    disk.config.segment_ms = 1000
    log = disk.start()
    append(log, batch(timestamps=-1))
    disk.clock.now += 1000
    append(log, batch(timestamps=-1))
    disk.clock.now += 1
    append(log, batch(timestamps=-1))
    assert bases(disk) == [0, 2]


def test_jitter_makes_segments_roll_earlier(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.config.segment_ms = 1000
    disk.config.segment_jitter_ms = 500
    monkeypatch.setattr("random.randrange", {500: 400}.__getitem__)
    log = disk.start()
    append(log, batch(timestamps=5000))
    append(log, batch(timestamps=5600))
    append(log, batch(timestamps=5601))
    assert bases(disk) == [0, 2]


@pytest.mark.parametrize("room", [24, 25])
def test_segment_rolls_when_its_index_is_full(disk: Disk, room: int) -> None:
    """24 bytes hold three offset entries, or two time entries of which the last is kept for sealing."""
    disk.config.index_interval_bytes = 0
    disk.config.segment_index_bytes = room
    log = disk.start()
    for number in range(5):
        append(log, batch(timestamps=NOW_MS + number))
    assert bases(disk) == [0, 2, 4]


@pytest.mark.parametrize(("interval", "entries"), [(0, 9), (150, 4), (10_000, 0)])
def test_index_has_an_entry_for_each_interval(disk: Disk, interval: int, entries: int) -> None:
    disk.config.index_interval_bytes = interval
    log = disk.start()
    for _ in range(10):
        append(log, batch(size=100))
    assert len(log.log.segments[0].indexes[0]) == entries


def test_segment_rolls_when_relative_offsets_would_overflow(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    log.log.end = 2**31 - 1
    append(log, batch())
    append(log, batch())
    assert bases(disk) == [0, 2**31]


def test_config_is_read_anew_each_time(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(size=100))
    append(log, batch(size=100))
    disk.config.segment_bytes = 250
    append(log, batch(size=100))
    assert bases(disk) == [0, 2]


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


def old_segments(disk: Disk) -> None:
    """Segments at 0, 2, 4 and 6 of two batches each, a second apart in time; 100 bytes a batch."""
    disk.config.segment_bytes = 200
    log = disk.start()
    for number in range(8):
        append(log, batch(size=100, timestamps=NOW_MS + 500 * number))


def test_retention_by_time_counts_from_a_segments_largest_timestamp(disk: Disk) -> None:
    old_segments(disk)
    disk.config.retention_ms = 10_000
    now(disk.store.enforce_retention(NOW_MS + 10_500))
    assert bases(disk) == [0, 2, 4, 6]
    now(disk.store.enforce_retention(NOW_MS + 10_501))
    assert bases(disk) == [2, 4, 6]
    assert disk.partition().log_start_offset == 2


def test_retention_may_take_all_segments_and_keeps_the_offsets(disk: Disk) -> None:
    old_segments(disk)
    disk.config.retention_ms = 0
    for _ in range(2):
        now(disk.store.enforce_retention(NOW_MS + 100_000))
        assert bases(disk) == [8]
    log = disk.restart()
    assert (log.log_start_offset, log.high_watermark) == (8, 8)


def test_retention_by_size_leaves_at_least_that_much(disk: Disk) -> None:
    old_segments(disk)
    disk.config.retention_bytes = 401
    now(disk.store.enforce_retention(NOW_MS))
    assert bases(disk) == [2, 4, 6]
    disk.config.retention_bytes = 400
    now(disk.store.enforce_retention(NOW_MS))
    assert bases(disk) == [4, 6]


def test_compacted_topics_lose_only_what_clients_deleted(disk: Disk) -> None:
    old_segments(disk)
    disk.config.cleanup_policy = frozenset({"compact"})
    disk.config.retention_bytes = 0
    disk.config.retention_ms = 0
    now(disk.store.enforce_retention(NOW_MS + 100_000))
    assert bases(disk) == [0, 2, 4, 6]
    now(disk.partition().delete_records(5))
    assert bases(disk) == [4, 6]


def test_files_of_deleted_segments_go_after_their_delay(disk: Disk) -> None:
    old_segments(disk)
    disk.config.file_delete_delay_ms = 1000
    now(disk.partition().delete_records(3))
    assert "00000000000000000000.log.deleted" in disk.names()
    now(disk.store.remove_deleted(NOW_MS + 999))
    assert "00000000000000000000.log.deleted" in disk.names()
    now(disk.store.remove_deleted(NOW_MS + 1000))
    assert not [name for name in disk.names() if name.startswith(f"{0:020d}")]


def test_segments_without_timestamps_age_by_their_file(disk: Disk) -> None:
    disk.config.segment_bytes = 100
    log = disk.start()
    for _ in range(2):
        append(log, batch(size=100, timestamps=-1))
    disk.config.retention_ms = 10_000
    log.enforce_retention(NOW_MS)
    assert bases(disk) == [0, 1], "just written, whatever a clock in the past says"
    log.enforce_retention(NOW_MS * 2)
    assert bases(disk) == [2]
