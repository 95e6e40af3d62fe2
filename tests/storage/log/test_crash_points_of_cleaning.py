"""The process dies at each call that changes the disk while retention or compaction is at work.

What a consumer would have seen before, and what it would have seen after: a log that was opened anew gives one of them.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbroker.protocol.records import ControlType, encode_end_txn
from kbroker.storage.log.partition_log import PartitionLog

from .compacting import clean, keyed, records, segment_of
from .conftest import NOW_MS, Disk, UnsyncedFileSystem, append, batch, now, read_all
from .test_crash_points import Killed, MortalFileSystem

WITHOUT_END = 1_000_000
Seen = object


def prepare_old_segments(disk: Disk) -> None:
    """Nine batches in segments of two, of which the first six are too old."""
    disk.config.segment_bytes = 250
    disk.config.retention_ms = 1000
    log = disk.start()
    for number in range(9):
        append(log, batch(size=100, timestamps=NOW_MS - (5000 if number < 6 else 0)))


def retain(disk: Disk, log: PartitionLog) -> None:
    now(disk.store.enforce_retention(disk.clock.now))
    append(log, batch(size=100))
    now(disk.store.remove_deleted(2**62))


def seen_by_offset(log: PartitionLog) -> Seen:
    return read_all(log)


def prepare_keys_and_transactions(disk: Disk) -> None:
    """Keys again and again, tombstones, an aborted transaction and a committed one; some is compacted already."""
    disk.config.cleanup_policy = frozenset({"compact"})
    disk.config.min_cleanable_dirty_ratio = 0.0
    disk.config.delete_retention_ms = 0
    disk.config.index_interval_bytes = 50
    log = disk.start()
    for round_number in range(2):
        for producer_id, kind in ((7, ControlType.ABORT), (8, ControlType.COMMIT)):
            producer = {"producer_id": producer_id, "producer_epoch": 0}
            value = f"{kind.name} {round_number}"
            records_of_it = keyed(
                ("a", value),
                (str(producer_id), value),
                base_sequence=2 * round_number,
                transactional=True,
                **producer,
            )
            ending = encode_end_txn(kind, coordinator_epoch=0, timestamp=NOW_MS, **producer)
            segment_of(log, records_of_it, ending)
        segment_of(log, keyed(("b", str(round_number))), keyed(("c", None)), keyed(("d", str(round_number))))
        if not round_number:
            clean(disk)


def compact(disk: Disk, log: PartitionLog) -> None:
    clean(disk)
    append(log, keyed(("last", "1")))
    clean(disk)
    now(disk.store.remove_deleted(2**62))


def seen_by_key(log: PartitionLog) -> Seen:
    """The latest value of each key, as a read_committed consumer knows it; aborted records never count."""
    aborted = {
        each.first_offset
        for each in now(log.read(log.log_start_offset, 1_000_000, committed=True)).aborted_transactions
    }
    found = {key: value for offset, key, value in records(log) if value is None or "ABORT" not in value}
    hidden = [offset for offset, _, value in records(log) if value and "ABORT" in value]
    assert not hidden or aborted, "aborted records would be seen"
    return {key: value for key, value in found.items() if value is not None}


def whole_segments_went(before: Seen, found: Seen, after: Seen) -> bool:
    """The oldest first, and none that is young."""
    assert isinstance(found, list)
    return found == [*range(found[0], found[-1] + 1)] and found[0] <= 6 and found[-1] in {8, 9}


def nothing_changed(before: Seen, found: Seen, after: Seen) -> bool:
    """But for what was written last."""
    return found in (before, after)


CASES = {
    "retention": (prepare_old_segments, retain, seen_by_offset, whole_segments_went, 40),
    "compaction": (prepare_keys_and_transactions, compact, seen_by_key, nothing_changed, 60),
}


@pytest.mark.parametrize("case", CASES)
def test_every_crash_point(tmp_path: Path, case: str) -> None:
    prepare, work, seen, is_right, least = CASES[case]
    total, [before, after] = die_at(tmp_path / "whole", WITHOUT_END, prepare, work, seen)
    assert total > least
    for last_call in range(total):
        _, [_, found] = die_at(tmp_path / str(last_call), last_call, prepare, work, seen)
        assert is_right(before, found, after), last_call


def die_at(
    path: Path,
    last_call: int,
    prepare: Callable[[Disk], None],
    work: Callable[[Disk, PartitionLog], None],
    seen: Callable[[PartitionLog], Seen],
) -> tuple[int, list[Seen]]:
    """Returns how many calls there were, and what a consumer sees before and after."""
    disk = Disk(path)
    disk.files = UnsyncedFileSystem()  # type: ignore[assignment]
    prepare(disk)
    outcomes = [seen(disk.partition())]
    disk.kill()
    files = MortalFileSystem(last_call)
    disk.files = files  # type: ignore[assignment]
    try:
        work(disk, disk.start())
    except Killed:
        assert last_call < WITHOUT_END
    calls = last_call - files.calls_left
    if disk.data_dir is not None:
        disk.kill()
    disk.files = UnsyncedFileSystem()  # type: ignore[assignment]
    log = disk.start()
    outcomes.append(seen(log))
    end = log.high_watermark
    assert append(log, keyed(("z", "1"))).base_offset == end
    disk.stop()
    return calls, outcomes
