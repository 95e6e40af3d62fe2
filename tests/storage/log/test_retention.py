"""Which segments retention lets go, and when their files go."""

from kbroker.storage.log.retention import deletable, unreadable

from .conftest import NOW_MS, Disk, append, batch, now


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
    assert disk.bases() == [0, 2, 4, 6]
    now(disk.store.enforce_retention(NOW_MS + 10_501))
    assert disk.bases() == [2, 4, 6]
    assert disk.partition().log_start_offset == 2


def test_retention_may_take_all_segments_and_keeps_the_offsets(disk: Disk) -> None:
    old_segments(disk)
    disk.config.retention_ms = 0
    for _ in range(2):
        now(disk.store.enforce_retention(NOW_MS + 100_000))
        assert disk.bases() == [8]
    log = disk.restart()
    assert (log.log_start_offset, log.high_watermark) == (8, 8)


def test_retention_by_size_leaves_at_least_that_much(disk: Disk) -> None:
    old_segments(disk)
    disk.config.retention_bytes = 401
    now(disk.store.enforce_retention(NOW_MS))
    assert disk.bases() == [2, 4, 6]
    disk.config.retention_bytes = 400
    now(disk.store.enforce_retention(NOW_MS))
    assert disk.bases() == [4, 6]


def test_compacted_topics_lose_only_what_clients_deleted(disk: Disk) -> None:
    old_segments(disk)
    disk.config.cleanup_policy = frozenset({"compact"})
    disk.config.retention_bytes = 0
    disk.config.retention_ms = 0
    now(disk.store.enforce_retention(NOW_MS + 100_000))
    assert disk.bases() == [0, 2, 4, 6]
    now(disk.partition().delete_records(5))
    assert disk.bases() == [4, 6]


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
    assert disk.bases() == [0, 1], "just written, whatever a clock in the past says"
    log.enforce_retention(NOW_MS * 2)
    assert disk.bases() == [2]


def test_only_the_oldest_segments_go_and_an_empty_active_one_never_does(disk: Disk) -> None:
    old_segments(disk)
    segments = disk.partition().log.segments
    assert (deletable(segments, 0, 8, NOW_MS), unreadable(segments, 0, 8)) == (0, 0)
    assert (deletable(segments, 4, 8, NOW_MS), unreadable(segments, 4, 8)) == (2, 2)
    assert (deletable(segments, 5, 8, NOW_MS), unreadable(segments, 8, 8)) == (2, 3)
    disk.config.retention_ms = 1000
    assert deletable(segments, 0, 8, NOW_MS + 3001) == 2
    disk.config.retention_ms = 0
    disk.partition().log.roll()
    assert len(segments) == 5
    assert deletable(segments, 0, 8, NOW_MS * 2) == 4


def test_a_young_segment_protects_the_old_ones_behind_it(disk: Disk) -> None:
    """Offsets have no holes: retention stops at the first segment that stays."""
    disk.config.segment_bytes = 100
    log = disk.start()
    for timestamp in (NOW_MS + 5000, NOW_MS, NOW_MS):
        append(log, batch(size=100, timestamps=timestamp))
    disk.config.retention_ms = 1000
    assert deletable(log.log.segments, 0, 3, NOW_MS + 5000) == 0
    assert deletable(log.log.segments, 0, 3, NOW_MS + 6001) == 3
