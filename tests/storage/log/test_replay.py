"""Producers and transactions, as a snapshot and the log's tail tell of them."""

import os
import random
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import ControlType, iter_batches
from kbroker.storage.interfaces.background import AT_ONCE
from kbroker.storage.interfaces.logs import AbortedTransaction
from kbroker.storage.log.replay import load_producers, read_marker, snapshot_offsets

from .conftest import Disk, append, batch, idempotent, marker, now, read_all, transactional


@pytest.mark.parametrize("clean", [True, False])
def test_repeated_batch_is_answered_with_its_first_offset_even_after_a_restart(
    disk: Disk, clean: bool
) -> None:
    log = disk.start()
    append(log, batch())
    append(log, idempotent(0, 3))
    append(log, idempotent(3, 2))
    assert append(log, idempotent(0, 3)).duplicate
    log = disk.restart(clean=clean)
    again = append(log, idempotent(3, 2))
    assert (again.base_offset, again.duplicate) == (4, True)
    assert log.high_watermark == 6
    with pytest.raises(KafkaError) as caught:
        append(log, idempotent(6))
    assert caught.value.code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert not append(log, idempotent(5)).duplicate


def test_producer_state_survives_snapshots_that_are_lost_or_corrupt(disk: Disk) -> None:
    disk.config.segment_bytes = 200
    log = disk.start()
    for sequence in range(8):
        append(log, idempotent(sequence))
    disk.stop()
    snapshots = sorted(disk.partition_path.glob("*.snapshot"))
    assert len(snapshots) > 2
    snapshots[-1].write_bytes(b"\0\1garbage")
    snapshots[-2].unlink()
    log = disk.start()
    assert append(log, idempotent(7)).base_offset == 7
    assert append(log, idempotent(8)).base_offset == 8


@pytest.mark.parametrize("restart", [None, True, False], ids=["running", "stopped", "killed"])
def test_transactions_bound_committed_reads(disk: Disk, restart: bool | None) -> None:
    log = disk.start()
    append(log, transactional(0, 1))  # 0, 1 aborted
    append(log, transactional(0, 2))  # 2, 3 committed
    append(log, batch())  # 4
    append(log, marker(1, ControlType.ABORT))  # 5
    assert log.last_stable_offset == 2
    append(log, marker(2, ControlType.COMMIT))  # 6
    append(log, transactional(0, 3))  # 7, 8 open
    append(log, batch())  # 9
    if restart is not None:
        log = disk.restart(clean=restart)
    assert (log.last_stable_offset, log.high_watermark) == (7, 10)
    assert read_all(log, committed=True) == [0, 2, 4, 5, 6]
    assert now(log.read(0, 10_000, committed=True)).aborted_transactions == [AbortedTransaction(1, 0)]
    assert now(log.read(6, 10_000, committed=True)).aborted_transactions == []
    assert now(log.read(0, 10_000)).aborted_transactions == ()
    assert now(log.available_bytes(4, 10_000, committed=True)) == len(batch()) + 2 * len(
        marker(1, ControlType.ABORT)
    )
    append(log, marker(3, ControlType.ABORT))
    assert log.last_stable_offset == 11
    assert now(log.read(7, 10_000, committed=True)).aborted_transactions == [AbortedTransaction(3, 7)]


def test_aborted_transactions_beyond_what_was_read_are_left_out(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    append(log, transactional(0, 1))
    append(log, marker(1, ControlType.ABORT))
    size = len(batch())
    assert now(log.read(0, size, committed=True)).aborted_transactions == []
    assert now(log.read(0, size + 1000, committed=True)).aborted_transactions == [AbortedTransaction(1, 1)]


@pytest.mark.parametrize("kind", [ControlType.ABORT, ControlType.COMMIT])
def test_a_marker_says_how_its_transaction_ended(kind: ControlType) -> None:
    assert read_marker(marker(1, kind)) == (kind is ControlType.ABORT, 0)


def test_a_control_batch_that_cannot_be_read_ends_nothing() -> None:
    broken = marker(1, ControlType.ABORT)
    broken[61:] = b"\xff" * (len(broken) - 61)
    assert read_marker(broken) is None


def test_snapshots_are_known_by_their_names(tmp_path: Path) -> None:
    for name in (
        f"{20:020d}.snapshot",
        f"{3:020d}.snapshot",
        f"{4:020d}.log",
        "5.snapshot",
        "partition.metadata",
    ):
        (tmp_path / name).touch()
    assert snapshot_offsets(str(tmp_path)) == [3, 20]


def test_a_snapshot_above_what_is_synced_is_not_believed(disk: Disk) -> None:
    """It may speak of batches that a power cut has taken: it goes, and the log is read instead."""
    disk.config.segment_bytes = 200
    log = disk.start()
    for sequence in range(4):
        append(log, idempotent(sequence))
    assert snapshot_offsets(str(disk.partition_path))
    log = disk.restart(clean=False)
    assert snapshot_offsets(str(disk.partition_path)) == []
    assert append(log, idempotent(3)).duplicate


def test_below_a_snapshot_that_is_not_believed_an_older_one_serves(disk: Disk) -> None:
    """The batches that it tells of may be gone from the log."""
    disk.config.segment_bytes = 200
    log = disk.start()
    for sequence in range(4):
        append(log, idempotent(sequence))
    for sequence in range(4):
        append(log, idempotent(sequence, producer_id=8))
    now(log.delete_records(4))
    assert snapshot_offsets(str(disk.partition_path))[0] == 4
    known = now(
        load_producers(
            log.log.directory, log.log.segments, 4, log.log.end, log.log.environment, background=AT_ONCE
        )
    )
    assert {each.producer_id: each.last_sequence for each in known} == {7: 3, 8: 3}


def test_a_lost_transaction_index_is_made_again(disk: Disk) -> None:
    log = disk.start()
    append(log, transactional(0, 1))
    append(log, marker(1, ControlType.ABORT))
    disk.kill()
    (disk.partition_path / f"{0:020d}.txnindex").write_bytes(b"")
    log = disk.start()
    assert now(log.read(0, 10_000, committed=True)).aborted_transactions == [AbortedTransaction(1, 0)]


@pytest.mark.parametrize("segment_bytes", [700, 100_000])
@pytest.mark.parametrize("index_interval_bytes", [0, 500])
def test_a_reader_is_told_of_the_aborted_transactions_in_what_it_gets_and_of_no_others(
    disk: Disk, segment_bytes: int, index_interval_bytes: int
) -> None:
    disk.config.segment_bytes, disk.config.index_interval_bytes = segment_bytes, index_interval_bytes
    log = disk.start()
    rng = random.Random(1)
    sequences = dict.fromkeys(range(1, 5), 0)
    first: dict[int, int] = {}
    aborted: list[tuple[int, int, int]] = []  # producer, first offset, the marker's
    while log.high_watermark < 120:
        producer = rng.choice(list(sequences))
        if producer in first and rng.random() < 0.4:
            kind = rng.choice([ControlType.ABORT, ControlType.COMMIT])
            at = now(log.append_marker(marker(producer, kind)))
            began = first.pop(producer)
            if kind is ControlType.ABORT:
                aborted.append((producer, began, at))
        elif rng.random() < 0.3:
            append(log, batch())
        else:
            first.setdefault(producer, log.high_watermark)
            append(log, transactional(sequences[producer], producer))
            sequences[producer] += 2
    bases = read_all(log)
    for offset in range(log.last_stable_offset):
        for max_bytes in (1, 150, 400, 100_000):
            read = now(log.read(offset, max_bytes, committed=True, at_least_one=True))
            got = [header.base_offset for header, _ in iter_batches(read.records)]
            cut_off = bases[bases.index(got[-1]) + 1]  # some of the next batch may have been given
            told = {(each.producer_id, each.first_offset) for each in read.aborted_transactions}
            assert told >= {(each, began) for each, began, at in aborted if at >= offset and began <= got[-1]}
            assert told <= {(each, began) for each, began, at in aborted if at >= offset and began <= cut_off}


def test_a_reader_of_a_log_without_aborted_transactions_causes_no_search(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It once read each header in what was asked for, where reading committed records."""
    log = disk.start()
    for _ in range(100):
        append(log, batch(size=1000))
    now(log.read(50, 30_000, committed=True))
    reads = []
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda *where: reads.append(where) or pread(*where))
    now(log.read(50, 30_000, committed=True))
    assert len(reads) == 2, "the size of the first batch, and the batches"
