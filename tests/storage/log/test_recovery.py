"""What a crash leaves, and what opening makes of it."""

import shutil
from pathlib import Path

import pytest

from .conftest import Disk, append, batch, fill, now, read_all

FIRST = "00000000000000000000"


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def test_tail_torn_at_any_byte_is_cut_at_the_last_whole_batch(disk: Disk) -> None:
    """Whatever part of the last batch reached the disk: what was before it is there, and appends go on."""
    log = disk.start()
    for _ in range(3):
        append(log, batch(2))
    disk.kill()
    path = disk.partition_path / f"{FIRST}.log"
    whole = path.read_bytes()
    size = len(whole) // 3
    for length in range(2 * size, 3 * size):
        path.write_bytes(whole[:length])
        log = disk.start()
        assert log.high_watermark == 4
        assert path.stat().st_size == 2 * size
        assert append(log, batch()).base_offset == 4
        assert read_all(log) == [0, 2, 4]
        disk.kill()


def test_tail_garbled_at_any_byte_is_cut(disk: Disk) -> None:
    """A flipped bit anywhere in the last batch, offset and epoch outside of the CRC aside, is seen."""
    log = disk.start()
    for _ in range(3):
        append(log, batch(2))
    disk.kill()
    path = disk.partition_path / f"{FIRST}.log"
    whole = path.read_bytes()
    start = len(whole) // 3 * 2
    for position in [*range(start + 8, start + 12), *range(start + 16, len(whole))]:
        garbled = bytearray(whole)
        garbled[position] ^= 0x40
        path.write_bytes(garbled)
        assert disk.start().high_watermark == 4, position
        disk.kill()


@pytest.mark.parametrize("junk", [b"\0" * 5000, b"\xff" * 100, b"x"])
def test_junk_after_the_last_batch_is_cut(disk: Disk, junk: bytes) -> None:
    fill(disk, 3)
    disk.kill()
    path = disk.partition_path / f"{FIRST}.log"
    whole = path.read_bytes()
    path.write_bytes(whole + junk)
    assert read_all(disk.start()) == [0, 1, 2]
    assert path.read_bytes() == whole


def test_batch_whose_offset_goes_back_is_cut(disk: Disk) -> None:
    fill(disk, 3)
    disk.kill()
    path = disk.partition_path / f"{FIRST}.log"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:150])
    assert read_all(disk.start()) == [0, 1, 2]


def test_batch_whose_offset_is_beyond_its_segment_is_cut(disk: Disk) -> None:
    """The base offset is outside of the CRC; indexes count from the segment's in 31 bits."""
    fill(disk, 3)
    disk.kill()
    path = disk.partition_path / f"{FIRST}.log"
    whole = path.read_bytes()
    last = len(whole) // 3 * 2
    for clean in (False, True):
        garbled = bytearray(whole)
        garbled[last : last + 8] = (2**40).to_bytes(8, "big")
        path.write_bytes(garbled)
        log = disk.start()
        assert read_all(log) == [0, 1]
        assert append(log, batch()).base_offset == 2
        disk.stop() if clean else disk.kill()


def test_damaged_first_header_of_a_segment_is_found_though_its_end_is_sound(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    """After a clean stop only the end is looked at, from where the index leads to."""
    fill(disk, 7)
    assert disk.bases()[-1] == 4
    disk.stop()
    path = disk.partition_path / f"{4:020d}.log"
    content = bytearray(path.read_bytes())
    content[16] = 77  # the magic byte
    path.write_bytes(content)
    log = disk.start()
    assert read_all(log) == [0, 1, 2, 3]
    assert f"{path}: cut 450 bytes after offset 4" in caplog.text
    assert append(log, batch()).base_offset == 4


def test_nothing_after_a_cut_is_kept(disk: Disk) -> None:
    fill(disk, 12)
    assert len(disk.partition().log.segments) == 3
    disk.kill()
    path = disk.partition_path / f"{4:020d}.log"
    path.write_bytes(path.read_bytes()[:-1])
    log = disk.start()
    assert log.high_watermark == 7
    assert [segment.base_offset for segment in log.log.segments] == [0, 4]
    assert append(log, batch()).base_offset == 7
    assert read_all(log) == list(range(8))


def test_killed_broker_rebuilds_what_a_stopped_one_wrote(disk: Disk) -> None:
    """After a kill and a restart, all files are byte for byte what they would have been without the kill."""
    fill(disk, 11)
    disk.stop()
    expected = files(disk.partition_path)
    shutil.rmtree(disk.path)
    fill(disk, 11)
    disk.restart(clean=False)
    disk.stop()
    found = files(disk.partition_path)
    assert {name for name in expected if not name.endswith("snapshot")} <= set(found)
    assert all(found[name] == expected[name] for name in found)


@pytest.mark.parametrize(("damaged", "whole"), [(-1, 2), (416, 1)], ids=["value", "header between"])
def test_clean_stop_needs_no_scan(disk: Disk, damaged: int, whole: int) -> None:
    """The recovery point is at the end, so damage that only a scan would see goes unseen at opening."""
    fill(disk, 3, size=400)
    disk.stop()
    path = disk.partition_path / f"{FIRST}.log"
    content = bytearray(path.read_bytes())
    content[damaged] ^= 1
    path.write_bytes(content)
    assert disk.start().high_watermark == 3
    disk.stop()
    (disk.path / "recovery-point-offset-checkpoint").unlink()
    assert disk.start().high_watermark == whole


def test_partition_that_was_not_opened_keeps_its_need_of_recovery(disk: Disk) -> None:
    """Killed, then started and stopped without anyone asking for the partition: its tail is still torn."""
    fill(disk, 3, size=400)
    disk.kill()
    path = disk.partition_path / f"{FIRST}.log"
    path.write_bytes(path.read_bytes()[:-1])
    disk.start_without_opening()
    disk.stop()
    assert not (disk.path / ".kafka_cleanshutdown").exists(), "Apache Kafka would not recover it either"
    assert disk.start().high_watermark == 2
    disk.stop()
    assert (disk.path / ".kafka_cleanshutdown").exists()


def test_files_marked_deleted_are_removed(disk: Disk) -> None:
    fill(disk, 3)
    disk.stop()
    for name in ("x.log.deleted", "00000000000000000009.log.cleaned", "leader-epoch-checkpoint.tmp"):
        (disk.partition_path / name).write_bytes(b"x")
    disk.start()
    assert not [name for name in disk.names() if name.endswith(("deleted", "cleaned", "tmp"))]


def test_an_index_without_a_segment_is_removed(disk: Disk) -> None:
    """A crash while a segment was dropped leaves it: the next segment of that offset must not find it."""
    fill(disk, 3)
    disk.stop()
    for suffix in ("index", "timeindex", "txnindex"):
        (disk.partition_path / f"00000000000000000003.{suffix}").write_bytes(b"x")
    disk.start()
    assert not [name for name in disk.names() if name.startswith("00000000000000000003.") and "index" in name]


def test_swap_that_a_cleaner_began_is_finished(disk: Disk) -> None:
    """A .swap segment replaces all segments in its range: a cleaner was swapping compacted ones in."""
    fill(disk, 11)
    disk.stop()
    first, second = (disk.partition_path / f"{base:020d}.log" for base in (0, 4))
    kept = first.read_bytes()[:150] + second.read_bytes()[:150]
    (disk.partition_path / f"{FIRST}.log.swap").write_bytes(kept)
    for base in (0, 4):
        path = disk.partition_path / f"{base:020d}.log"
        if base == 0:
            path.unlink()
    log = disk.start()
    assert read_all(log) == [0, 4, 8, 9, 10]
    assert log.high_watermark == 11


def test_log_below_the_log_start_offset_is_replaced(disk: Disk) -> None:
    """The log start offset was raised to the end, then the tail was lost: offsets must not be given twice."""
    log = disk.start()
    append(log, batch(10))
    now(log.delete_records(10))
    disk.kill()
    (disk.partition_path / f"{FIRST}.log").write_bytes(b"")
    log = disk.start()
    assert (log.log_start_offset, log.high_watermark) == (10, 10)
    assert append(log, batch()).base_offset == 10
    assert read_all(disk.restart()) == [10]


def test_preallocated_file_is_trimmed(disk: Disk) -> None:
    disk.config.preallocate = True
    disk.config.segment_bytes = 100_000
    log = disk.start()
    append(log, batch(size=300))
    path = disk.partition_path / f"{FIRST}.log"
    assert path.stat().st_size == 100_000
    assert read_all(log) == [0]
    log = disk.restart(clean=False)
    assert (read_all(log), path.stat().st_size) == ([0], 300)
    shutil.rmtree(disk.partition_path)
    disk.kill()
    append(disk.start(), batch(size=300))
    disk.stop()
    assert path.stat().st_size == 300
