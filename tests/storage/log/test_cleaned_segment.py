"""A compacted segment takes the place of others, or does not: whatever moment the process dies at."""

import shutil
from pathlib import Path

import pytest

from kbroker.protocol.records import ControlType, encode_end_txn
from kbroker.storage.log.offset_index import ENTRY_BYTES
from kbroker.storage.log.txn_index import AbortedEntry

from .compacting import clean, keyed, records, segment_of
from .conftest import NOW_MS, Disk, append
from .test_crash_points import Killed, MortalFileSystem

ALL = [
    (0, "a", "1"),
    (1, "b", "1"),
    (2, "a", "2"),
    (3, "c", "1"),
    (6, "b", "2"),
    (7, "a", "3"),
    (8, "d", "1"),
]
COMPACTED = [(3, "c", "1"), (6, "b", "2"), (7, "a", "3"), (8, "d", "1")]
ABORTED = AbortedEntry(7, 4, 5, 6)
IDS = {"producer_id": 7, "producer_epoch": 0}
ENOUGH = 1_000_000


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of three small segments, one of them with an aborted transaction, and the active one."""
    path = tmp_path_factory.mktemp("log") / "data"
    disk = Disk(path)
    log = disk.start()
    segment_of(log, keyed(("a", "1"), ("b", "1")), keyed(("a", "2"), ("c", "1")))
    aborted = keyed(("c", "aborted"), base_sequence=0, transactional=True, **IDS)
    marker = encode_end_txn(ControlType.ABORT, coordinator_epoch=0, timestamp=NOW_MS, **IDS)
    segment_of(log, aborted, marker, keyed(("b", "2")))
    segment_of(log, keyed(("a", "3")))
    append(log, keyed(("d", "1")))
    disk.stop()
    return path


def disk_at(directory: Path, path: Path) -> Disk:
    """A running broker on a copy of that log."""
    shutil.copytree(directory, path)
    disk = Disk(path)
    disk.config.cleanup_policy = frozenset({"compact"})
    disk.config.index_interval_bytes = 10
    disk.start()
    return disk


def mortal_files(last_call: int) -> MortalFileSystem:
    files = MortalFileSystem(last_call)
    files.sync = lambda descriptor: None  # type: ignore[method-assign]
    return files


def die_cleaning(disk: Disk, last_call: int) -> bool:
    """Whether there was a call of that number to die at."""
    disk.store._environment.files = mortal_files(last_call)
    try:
        clean(disk)
    except Killed:
        return True
    finally:
        disk.kill()
    return False


def count_calls(directory: Path, path: Path) -> int:
    disk = disk_at(directory, path)
    disk.store._environment.files = mortal = mortal_files(ENOUGH)
    clean(disk)
    disk.kill()
    return ENOUGH - mortal.calls_left


def test_a_death_at_any_call_loses_nothing_and_is_made_up_for(directory: Path, tmp_path: Path) -> None:
    calls = count_calls(directory, tmp_path / "count")
    assert calls > 15
    outcomes = set()
    for last_call in range(calls):
        disk = disk_at(directory, tmp_path / str(last_call))
        assert die_cleaning(disk, last_call)
        log = disk.start()
        found = [record for record in records(log) if record[2] != "aborted"]
        outcomes.add(tuple(found))
        assert found in (ALL, COMPACTED), last_call
        assert [entry for segment in log.log.segments for entry in segment.aborted] == [ABORTED]
        assert not [name for name in disk.names() if name.endswith((".cleaned", ".swap", ".deleted"))]
        clean(disk)
        assert records(log) == COMPACTED
        assert [entry for segment in log.log.segments for entry in segment.aborted] == [ABORTED]
        disk.kill()
    assert outcomes == {tuple(ALL), tuple(COMPACTED)}


def test_the_new_segments_indexes_are_those_a_rebuild_would_make(directory: Path, tmp_path: Path) -> None:
    compacted = disk_at(directory, tmp_path / "compacted")
    clean(compacted)
    log = compacted.restart()
    segment = log.log.segments[0]
    read = [index.to_bytes() for index in segment.indexes]
    segment.rebuild_indexes()
    segment.seal()
    assert [index.to_bytes() for index in segment.indexes] == read
    assert len(read[0]) == 4 * ENTRY_BYTES
    compacted.kill()


def test_the_file_is_as_old_as_the_newest_it_was_made_from(directory: Path, tmp_path: Path) -> None:
    """Retention goes by that when records have no timestamps."""
    disk = disk_at(directory, tmp_path / "data")
    newest = max(path.stat().st_mtime_ns for path in disk.partition_path.glob("*.log"))
    clean(disk)
    first = min(disk.partition_path.glob("*.log"))
    assert first.stat().st_mtime_ns <= newest
    disk.kill()


@pytest.mark.parametrize("suffix", [".index", ".timeindex"])
def test_recovery_takes_no_old_index_for_the_new_segments(
    directory: Path, tmp_path: Path, suffix: str
) -> None:
    """As when Apache Kafka died between renaming a log and renaming its indexes."""
    disk = disk_at(directory, tmp_path / "data")
    clean(disk)
    disk.kill()
    log = disk.partition_path / "00000000000000000000.log"
    log.rename(log.with_name(log.name + ".swap"))
    stale = log.with_suffix(suffix)
    stale.write_bytes(stale.read_bytes() * 2)
    assert records(disk.start()) == COMPACTED
    disk.kill()
