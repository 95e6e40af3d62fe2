"""Producers and transactions, as a snapshot and the log's tail tell of them."""

from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import ControlType
from kbroker.storage.interfaces.logs import AbortedTransaction
from kbroker.storage.log.replay import read_marker, snapshot_offsets

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


def test_a_lost_transaction_index_is_made_again(disk: Disk) -> None:
    log = disk.start()
    append(log, transactional(0, 1))
    append(log, marker(1, ControlType.ABORT))
    disk.kill()
    (disk.partition_path / f"{0:020d}.txnindex").write_bytes(b"")
    log = disk.start()
    assert now(log.read(0, 10_000, committed=True)).aborted_transactions == [AbortedTransaction(1, 0)]
