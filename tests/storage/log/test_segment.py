"""A segment's files: when the next one is begun, what they hold, and how they are let go of."""

import pytest

from kbroker.storage.log.segment import BrokenSegmentError, Segment
from kbroker.storage.log.segment_names import file_name

from .conftest import NOW_MS, Disk, append, batch, fill, now, offsets_in, read_all


def test_segment_rolls_before_it_would_exceed_its_size(disk: Disk) -> None:
    disk.config.segment_bytes = 300
    log = disk.start()
    for _ in range(7):
        append(log, batch(size=100))
    assert disk.bases() == [0, 3, 6]


def test_segment_rolls_by_the_time_between_timestamps(disk: Disk) -> None:
    """segment.ms counts from the first batch's timestamp to the new batch's, not by the clock."""
    disk.config.segment_ms = 1000
    log = disk.start()
    append(log, batch(timestamps=5000))
    disk.clock.now += 10_000
    append(log, batch(timestamps=6000))
    append(log, batch(timestamps=6001))
    assert disk.bases() == [0, 2]
    log = disk.restart(clean=False)
    append(log, batch(timestamps=7001))
    append(log, batch(timestamps=7002))
    assert disk.bases() == [0, 2, 4]


def test_segment_without_timestamps_rolls_by_the_clock(disk: Disk) -> None:
    disk.config.segment_ms = 1000
    log = disk.start()
    append(log, batch(timestamps=-1))
    disk.clock.now += 1000
    append(log, batch(timestamps=-1))
    disk.clock.now += 1
    append(log, batch(timestamps=-1))
    assert disk.bases() == [0, 2]


def test_jitter_makes_segments_roll_earlier(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.config.segment_ms = 1000
    disk.config.segment_jitter_ms = 500
    monkeypatch.setattr("random.randrange", {500: 400}.__getitem__)
    log = disk.start()
    append(log, batch(timestamps=5000))
    append(log, batch(timestamps=5600))
    append(log, batch(timestamps=5601))
    assert disk.bases() == [0, 2]


@pytest.mark.parametrize("room", [24, 25])
def test_segment_rolls_when_its_index_is_full(disk: Disk, room: int) -> None:
    """24 bytes hold three offset entries, or two time entries of which the last is kept for sealing."""
    disk.config.index_interval_bytes = 0
    disk.config.segment_index_bytes = room
    log = disk.start()
    for number in range(5):
        append(log, batch(timestamps=NOW_MS + number))
    assert disk.bases() == [0, 2, 4]


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
    assert disk.bases() == [0, 2**31]


def test_config_is_read_anew_each_time(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(size=100))
    append(log, batch(size=100))
    disk.config.segment_bytes = 250
    append(log, batch(size=100))
    assert disk.bases() == [0, 2]


def test_short_writes_are_completed(disk: Disk) -> None:
    log = disk.start()
    write_at = disk.files.write_at
    disk.files.write_at = lambda descriptor, data, position: write_at(descriptor, data[:10], position)  # type: ignore[method-assign]
    append(log, batch(3))
    append(log, batch())
    assert read_all(log) == [0, 3]


@pytest.mark.parametrize("suffix", ["index", "timeindex"])
@pytest.mark.parametrize("damage", ["missing", "cut", "garbage", "zeros", "empty"])
def test_lost_and_damaged_indexes_are_rebuilt(disk: Disk, suffix: str, damage: str) -> None:
    """Of segments that the recovery point covers, which are not scanned when opened."""
    fill(disk, 11)
    disk.stop()
    for path in disk.partition_path.glob(f"*.{suffix}"):
        content = path.read_bytes()
        if damage == "missing":
            path.unlink()
        else:
            replacement = {
                "cut": content[:-3],
                "garbage": bytes(range(1, 1 + len(content) % 200)),
                "zeros": bytes(len(content)),
                "empty": b"",
            }
            path.write_bytes(replacement[damage])
    log = disk.start()
    assert log.high_watermark == 11
    for offset in range(11):
        assert offsets_in(now(log.read(offset, 1, at_least_one=True)).records) == [offset]
        found = now(log.offset_for_timestamp(NOW_MS + offset))
        assert found is not None
        assert found.offset == offset


def new_segment(disk: Disk) -> Segment:
    disk.start()
    return disk.partition().log.segments.active


def test_a_failed_write_leaves_the_file_as_it_was(disk: Disk) -> None:
    segment = new_segment(disk)
    segment.append(memoryview(batch()), 0, NOW_MS)
    size = segment.size
    disk.files.write_limit = 10
    with pytest.raises(OSError, match="No space"):
        segment.append(memoryview(batch()), 1, NOW_MS + 1)
    path = disk.partition_path / file_name(0, ".log")
    assert (segment.size, path.stat().st_size, segment.max_timestamp) == (size, size, NOW_MS)
    disk.files.write_limit = 10
    disk.files.broken = {"truncate"}
    with pytest.raises(BrokenSegmentError):
        segment.append(memoryview(batch()), 1, NOW_MS + 1)


def test_its_file_may_be_closed_between_any_two_uses(disk: Disk) -> None:
    segment = new_segment(disk)
    segment.append(memoryview(batch()), 0, NOW_MS)
    segment.close_file()
    segment.close_file()
    assert (segment.descriptor, len(disk.open_files)) == (-1, 0)
    segment.append(memoryview(batch()), 1, NOW_MS)
    assert segment.size == 2 * len(batch())


def test_sealing_ends_the_time_index_with_the_largest_timestamp(disk: Disk) -> None:
    segment = new_segment(disk)
    segment.append(memoryview(batch()), 0, NOW_MS + 9)
    segment.append(memoryview(batch()), 1, NOW_MS)
    segment.seal()
    again = Segment.load(segment.directory, 0, disk.config, disk.store._environment)
    _, times = again.indexes
    assert (times.last_timestamp(), times.last_offset()) == (NOW_MS + 9, 0)
    assert (again.max_timestamp, again.max_timestamp_offset) == (NOW_MS + 9, 0)


def test_index_files_that_changed_are_named_once(disk: Disk) -> None:
    disk.config.index_interval_bytes = 0
    segment = new_segment(disk)
    for offset in range(2):
        segment.append(memoryview(batch()), offset, NOW_MS + offset)
    segment.save_indexes()
    assert segment.take_unsynced() == [segment.path(".index"), segment.path(".timeindex")]
    assert segment.take_unsynced() == []


def test_marked_deleted_no_file_is_found_under_its_name(disk: Disk) -> None:
    segment = new_segment(disk)
    segment.append(memoryview(batch()), 0, NOW_MS)
    segment.seal()
    renamed = list(segment.mark_deleted())
    assert [path.rpartition("/")[2] for path in renamed] == [
        f"{0:020d}.{kind}.deleted" for kind in ("log", "index", "timeindex")
    ]
    assert not [name for name in disk.names() if name.endswith((".log", "index"))]
