"""The power goes after any single change of the disk: what is left is a beginning of the log, with all that was synced.

A run is cut at every moment: the disk that each cut leaves is written down, and opened once the run is over.
"""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, field

from kbroker.protocol.records import ControlType, encode_end_txn, iter_batches
from kbroker.storage.log.checkpoints import CLEANER_OFFSETS, RECOVERY_POINTS
from kbroker.storage.log.partition_log import PartitionLog

from ..power_loss import Cut, PowerLossFileSystem, cuts, some_cuts, write
from .compacting import clean, keyed
from .conftest import NOW_MS, Disk, UnsyncedFileSystem, append, batch, now, read_all

BATCH_BYTES = 1500
A_SEGMENT = 3  # batches, so that it is of two pages
SEEDS = 1


@define
class Run:
    """What a broker had acknowledged, and what it had made durable, by now."""

    disk: Disk
    cut: Callable[["Run"], None]
    written: list[bytes] = field(factory=list)  # batches, each of one record
    synced: int = 0  # of them
    deleted: int = 0

    def begin(self) -> PartitionLog:
        self.disk.path.mkdir()
        files = PowerLossFileSystem(self.disk.path)
        self.disk.files = files  # type: ignore[assignment]
        self.disk.config.segment_bytes = A_SEGMENT * BATCH_BYTES
        self.disk.config.index_interval_bytes = BATCH_BYTES
        self.disk.start_without_opening()
        files.sync_directory(str(self.disk.path))
        log = self.disk.partition()
        files.moment = lambda: self.cut(self)
        return log

    def append(self, log: PartitionLog, data: bytearray) -> None:
        append(log, data)
        self.written.append(bytes(data))
        self.synced = log.log.recovery_point

    def sync(self, log: PartitionLog) -> None:
        if self.disk.store.flush_due(self.disk.clock.now):
            self.disk.store.flush(self.disk.clock.now)
        self.synced = log.log.recovery_point


def produced(sequence: int) -> bytearray:
    return batch(size=BATCH_BYTES, producer_id=7, producer_epoch=0, base_sequence=sequence)


def ending(kind: ControlType) -> bytearray:
    return encode_end_txn(kind, producer_id=8, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS)


def unsynced(run: Run) -> None:
    """The defaults: completed segments are synced now and then, and all at a stop."""
    log = run.begin()
    for sequence in range(8):
        run.append(log, produced(sequence))
        if sequence == 4:
            run.sync(log)
    run.disk.stop()
    run.synced = len(run.written)


def synced_each(run: Run) -> None:
    run.disk.config.flush_messages = 1
    log = run.begin()
    for sequence in range(5):
        run.append(log, produced(sequence))


def synced_in_time(run: Run) -> None:
    run.disk.config.flush_ms = 1000
    log = run.begin()
    for sequence in range(7):
        run.append(log, produced(sequence))
        run.disk.clock.now += 600
        run.sync(log)
        assert (
            len(run.written) - run.synced <= 2
        )  # younger than the bound and what comes before the next look


def deleted_from(run: Run) -> None:
    run.disk.config.flush_messages = 1
    log = run.begin()
    for sequence in range(6):
        if sequence == 4:
            run.deleted = sequence
            now(log.delete_records(sequence))
            now(run.disk.store.remove_deleted(2**62))
        run.append(log, produced(sequence))


def aborted(run: Run) -> None:
    run.disk.config.flush_messages = 1
    log = run.begin()
    for round_number in range(3):
        for each in range(2):
            run.append(
                log,
                batch(
                    size=BATCH_BYTES,
                    producer_id=8,
                    producer_epoch=0,
                    base_sequence=2 * round_number + each,
                    transactional=True,
                ),
            )
        run.append(log, ending(ControlType.COMMIT if round_number == 1 else ControlType.ABORT))


RUNS = {run.__name__: run for run in (unsynced, synced_each, synced_in_time, deleted_from, aborted)}


@pytest.mark.parametrize("name", RUNS)
def test_what_is_left_is_a_beginning_of_the_log_with_all_that_was_synced(tmp_path: Path, name: str) -> None:
    moments, seen = 0, set[bytes]()

    def cut_and_look(run: Run) -> None:
        nonlocal moments
        for cut in some_cuts(moments, SEEDS):
            files = run.disk.files
            assert isinstance(files, PowerLossFileSystem)
            left = files.left(cut)
            state = pickle.dumps((left, len(run.written), run.synced, run.deleted))
            if state not in seen:
                seen.add(state)
                write(left, tmp_path / "left")
                check(run, tmp_path / "left", cut, moments)
                shutil.rmtree(tmp_path / "left")
        moments += 1

    RUNS[name](Run(Disk(tmp_path / "live"), cut_and_look))
    assert moments > 20
    assert len(seen) > 30


def check(run: Run, left: Path, cut: Cut, moment: int) -> None:
    after = Disk(left)
    after.files = UnsyncedFileSystem()  # type: ignore[assignment]
    after.settings = run.disk.settings
    after.config.segment_bytes = A_SEGMENT * BATCH_BYTES
    after.config.index_interval_bytes = BATCH_BYTES
    where = f"moment {moment}, {cut.name} kept: {len(run.written)} written, {run.synced} synced"
    log = after.start()
    start, end = log.log_start_offset, log.high_watermark
    assert run.synced <= end <= len(run.written) + 1, where
    assert start <= run.deleted, where
    check_served(run, log, where)
    if name_of_producer(run) == 7 and end:
        check_producer(log, end, where)
    if cut.name.startswith("seed"):
        check_served(run, after.restart(), where)
    after.kill()


def check_served(run: Run, log: PartitionLog, where: str) -> None:
    """Each batch is the one that was written, none is missing, and readers of committed ones know of aborts."""
    for offset in range(log.log_start_offset, min(log.high_watermark, len(run.written))):
        read = now(log.read(offset, 1, committed=True, at_least_one=True))
        found = [(header.base_offset, bytes(data)) for header, data in iter_batches(read.records)]
        if offset < log.last_stable_offset:
            assert found == [(offset, run.written[offset])], where
            if name_of_producer(run) == 8 and offset // 3 != 1 and offset % 3 < 2:
                assert [each.first_offset for each in read.aborted_transactions] == [offset // 3 * 3], where


def name_of_producer(run: Run) -> int:
    return int.from_bytes(run.written[0][43:51], "big") if run.written else -1


def check_producer(log: PartitionLog, end: int, where: str) -> None:
    """Its last batch is known as one, and it goes on."""
    assert append(log, produced(end - 1)).duplicate, where
    assert not append(log, produced(end)).duplicate, where
    assert log.high_watermark == end + 1


def test_what_a_recovery_dropped_does_not_come_back_beside_what_was_written_since(tmp_path: Path) -> None:
    """The first cut takes a segment's tail and leaves the next segment, the second one may undo the first recovery."""
    disk = Disk(tmp_path / "live")
    disk.config.segment_bytes = A_SEGMENT * BATCH_BYTES
    log = disk.start()
    for sequence in range(A_SEGMENT + 1):
        append(log, produced(sequence))
    disk.kill()
    os.truncate(disk.partition_path / f"{0:020d}.log", BATCH_BYTES)
    disk.config.flush_messages = 1
    files = PowerLossFileSystem(disk.path)
    disk.files = files  # type: ignore[assignment]
    log = disk.start()
    assert log.high_watermark == 1
    written = [produced(0)]
    for _ in range(A_SEGMENT + 1):
        written.append(batch(size=BATCH_BYTES // 2))
        append(log, written[-1])
    disk.kill()
    for cut in cuts(SEEDS):
        write(files.left(cut), tmp_path / cut.name)
        after = Disk(tmp_path / cut.name)
        log = after.start()
        assert log.high_watermark == len(written)
        for offset in range(1, len(written)):
            assert bytes(now(log.read(offset, 1, at_least_one=True)).records) == bytes(written[offset])
        after.kill()


@pytest.mark.parametrize("policy", ["compact", "delete"])
def test_offsets_that_compaction_took_are_not_missed(disk: Disk, policy: str) -> None:
    """Nor if the recovery point is lost, and the topic's policy is another one meanwhile."""
    disk.config.segment_bytes = A_SEGMENT * BATCH_BYTES
    disk.config.cleanup_policy = frozenset({"compact"})
    disk.config.min_cleanable_dirty_ratio = 0.0
    log = disk.start()
    for _ in range(2 * A_SEGMENT + 1):
        append(log, keyed(("k", "v" * BATCH_BYTES)))
    clean(disk)
    left = read_all(log)
    assert left[0] > 0
    disk.config.cleanup_policy = frozenset({policy})
    disk.kill()
    (disk.path / RECOVERY_POINTS).unlink(missing_ok=True)
    if policy == "compact":
        (disk.path / CLEANER_OFFSETS).unlink()
    assert read_all(disk.start()) == left
