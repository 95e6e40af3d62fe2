"""A partition as the broker uses it: append, read, search, delete; and what a restart brings back."""

from collections.abc import Iterator

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import (
    Codec,
    ControlType,
    encode_end_txn,
    has_valid_crc,
    iter_batches,
    parse_header,
)
from kbroker.storage.interfaces import AbortedTransaction, EpochEndOffset, OffsetAndTimestamp
from kbroker.storage.log.partition_log import PartitionLog

from .conftest import NOW_MS, Disk, append, batch, now, offsets_in, read_all


def test_offsets_follow_each_other(disk: Disk) -> None:
    log = disk.start()
    results = [append(log, batch(count)) for count in (1, 3, 2)]
    assert [result.base_offset for result in results] == [0, 1, 4]
    assert (log.log_start_offset, log.high_watermark, log.last_stable_offset) == (0, 6, 6)


def test_stored_batches_carry_offset_and_epoch_and_keep_their_crc(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    append(log, batch(2))
    (_, first), (header, second) = iter_batches(now(log.read(0, 1000)).records)
    assert (header.base_offset, header.partition_leader_epoch) == (1, 0)
    assert has_valid_crc(first)
    assert has_valid_crc(second)


def test_log_append_time_is_written_into_the_batch(disk: Disk) -> None:
    log = disk.start()
    assert append(log, batch(timestamps=5), NOW_MS).log_append_time_ms == NOW_MS
    stored = now(log.read(0, 1000)).records
    header = parse_header(stored)
    assert (header.max_timestamp, header.timestamp_type) == (NOW_MS, 1)
    assert has_valid_crc(stored)


def test_read_gives_up_to_max_bytes_and_the_first_batch_whole(disk: Disk) -> None:
    log = disk.start()
    for _ in range(10):
        append(log, batch(2, size=200))
    size = len(batch(2, size=200))
    assert offsets_in(now(log.read(0, 3 * size)).records) == [0, 2, 4]
    cut = now(log.read(4, 3 * size - 1)).records
    assert (len(cut), offsets_in(cut[: 2 * size])) == (3 * size - 1, [4, 6])
    assert offsets_in(now(log.read(5, size)).records) == [4], "an offset inside of a batch gives that batch"
    assert now(log.read(0, size - 1)).records == b""
    assert offsets_in(now(log.read(0, size - 1, at_least_one=True)).records) == [0]
    assert offsets_in(now(log.read(0, 0, at_least_one=True)).records) == [0]


def test_read_beyond_the_ends_is_out_of_range(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(3))
    assert now(log.read(3, 100)).records == b""
    for offset in (-1, 4):
        with pytest.raises(KafkaError) as caught:
            now(log.read(offset, 100))
        assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE


def running_and_restarted(disk: Disk, log: PartitionLog) -> Iterator[PartitionLog]:
    yield log
    yield disk.restart()


@pytest.mark.parametrize("segment_bytes", [400, 10_000])
def test_every_offset_can_be_read_from(disk: Disk, segment_bytes: int) -> None:
    """Through sparse indexes and over segment borders, in a fresh process and in an old one."""
    disk.config.segment_bytes = segment_bytes
    disk.config.index_interval_bytes = 150
    log = disk.start()
    for _ in range(20):
        append(log, batch(3))
    for opened in running_and_restarted(disk, log):
        assert read_all(opened) == list(range(0, 60, 3))
        for offset in range(60):
            data = now(opened.read(offset, 1, at_least_one=True)).records
            assert offsets_in(data) == [offset // 3 * 3]


def test_available_bytes_counts_over_segments_up_to_the_limit(disk: Disk) -> None:
    disk.config.segment_bytes = 400
    log = disk.start()
    for _ in range(10):
        append(log, batch())
    size = len(batch())
    assert len(log.log.segments) > 1
    assert now(log.available_bytes(0, 10_000)) == 10 * size
    assert now(log.available_bytes(0, 3 * size)) == 3 * size
    assert now(log.available_bytes(9, 10_000)) == size
    assert now(log.available_bytes(10, 10_000)) == 0
    assert now(log.available_bytes(99, 10_000)) == 0
    assert now(log.size_bytes()) == 10 * size


def test_batch_larger_than_a_segment_is_refused(disk: Disk) -> None:
    disk.config.segment_bytes = 300
    log = disk.start()
    with pytest.raises(KafkaError) as caught:
        append(log, batch(size=400))
    assert caught.value.code == ErrorCode.RECORD_LIST_TOO_LARGE
    assert log.high_watermark == 0


def idempotent(sequence: int, count: int = 1, producer_id: int = 7, epoch: int = 0) -> bytearray:
    return batch(count, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence)


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


def test_idle_producers_are_forgotten(disk: Disk) -> None:
    log = disk.start()
    append(log, idempotent(0))
    assert [producer.producer_id for producer in now(log.active_producers())] == [7]
    disk.clock.now += 86_400_000
    log.enforce_retention(disk.clock.now)
    assert now(log.active_producers()) == []
    assert append(log, idempotent(5)).base_offset == 1, "an unknown producer may start anywhere"


def transactional(sequence: int, producer_id: int) -> bytearray:
    return batch(2, producer_id=producer_id, producer_epoch=0, base_sequence=sequence, transactional=True)


def marker(producer_id: int, kind: ControlType) -> bytearray:
    return encode_end_txn(
        kind, producer_id=producer_id, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS
    )


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


def test_record_of_a_timestamp_is_found_exactly(disk: Disk) -> None:
    disk.config.segment_bytes = 400
    disk.config.index_interval_bytes = 100
    log = disk.start()
    for start in range(0, 100, 10):
        append(log, batch(3, timestamps=[1000 + start, 1002 + start, 1004 + start]))
    for opened in running_and_restarted(disk, log):
        assert now(opened.offset_for_timestamp(0)) == OffsetAndTimestamp(0, 1000, 0)
        assert now(opened.offset_for_timestamp(1012)) == OffsetAndTimestamp(4, 1012, 0)
        assert now(opened.offset_for_timestamp(1055)) == OffsetAndTimestamp(18, 1060, 0)
        assert now(opened.offset_for_timestamp(1094)) == OffsetAndTimestamp(29, 1094, 0)
        assert now(opened.offset_for_timestamp(1095)) is None
        assert now(opened.max_timestamp()) == OffsetAndTimestamp(29, 1094, 0)


def test_timestamps_inside_compressed_batches_are_found(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(3, timestamps=[10, 30, 20], codec=Codec.GZIP))
    assert now(log.offset_for_timestamp(15)) == OffsetAndTimestamp(1, 30, 0)
    assert now(log.max_timestamp()) == OffsetAndTimestamp(1, 30, 0)


def test_batches_that_do_not_parse_answer_with_the_batch(disk: Disk) -> None:
    log = disk.start()
    broken = batch(3, timestamps=[10, 30, 20])
    broken[61:] = b"\xff" * (len(broken) - 61)
    append(log, batch())
    append(log, broken)
    assert now(log.offset_for_timestamp(5)) == OffsetAndTimestamp(0, NOW_MS, 0)
    now(log.delete_records(1))
    assert now(log.offset_for_timestamp(15)) == OffsetAndTimestamp(1, 30, 0)
    assert now(log.delete_records(2)) == 2
    assert now(log.offset_for_timestamp(15)) == OffsetAndTimestamp(2, 30, 0)


def test_empty_log_has_no_timestamps(disk: Disk) -> None:
    log = disk.start()
    assert now(log.offset_for_timestamp(0)) is None
    assert now(log.max_timestamp()) is None


def test_search_by_time_stops_at_open_transactions(disk: Disk) -> None:
    log = disk.start()
    append(log, transactional(0, 1))
    assert now(log.offset_for_timestamp(NOW_MS)) is not None
    assert now(log.offset_for_timestamp(NOW_MS, committed=True)) is None


@pytest.mark.parametrize("clean", [True, False])
def test_deleted_records_stay_deleted(disk: Disk, clean: bool) -> None:
    disk.config.segment_bytes = 300
    log = disk.start()
    for _ in range(10):
        append(log, batch())
    segments = len(log.log.segments)
    assert now(log.delete_records(7)) == 7
    assert now(log.delete_records(3)) == 7, "it never moves back"
    assert len(log.log.segments) < segments
    with pytest.raises(KafkaError) as caught:
        now(log.read(6, 100))
    assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE
    log = disk.restart(clean=clean)
    assert (log.log_start_offset, log.high_watermark) == (7, 10)
    assert read_all(log)[-1] == 9
    assert now(log.delete_records(-1)) == 10
    log = disk.restart(clean=clean)
    assert (log.log_start_offset, log.high_watermark) == (10, 10)
    assert append(log, batch()).base_offset == 10


@pytest.mark.parametrize("offset", [-2, 11])
def test_deleting_what_is_not_there_is_out_of_range(disk: Disk, offset: int) -> None:
    log = disk.start()
    append(log, batch(10))
    with pytest.raises(KafkaError) as caught:
        now(log.delete_records(offset))
    assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_one_epoch_covers_the_log(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(5))
    assert log.leader_epoch == 0
    assert now(log.offset_for_epoch(0)) == EpochEndOffset(0, 5)
    assert now(log.offset_for_epoch(1)) == EpochEndOffset(-1, -1)
    assert [now(log.epoch_of(offset)) for offset in (0, 4, 5)] == [0, 0, 0]


def test_leader_epochs_are_read_from_the_batches_when_their_file_is_lost(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(5))
    disk.stop()
    path = disk.partition_path / "leader-epoch-checkpoint"
    path.write_text("0\n2\n0 0\n4 5\n")
    log = disk.start()
    append(log, batch())
    assert (log.leader_epoch, now(log.offset_for_epoch(2))) == (4, EpochEndOffset(0, 5))
    disk.stop()
    path.unlink()
    log = disk.start()
    assert (log.leader_epoch, now(log.offset_for_epoch(2))) == (4, EpochEndOffset(0, 5))


def test_full_disk_is_answered_and_leaves_whole_batches(disk: Disk) -> None:
    """ENOSPC in the middle of a batch: the part is cut off, and the log goes on once there is room."""
    log = disk.start()
    append(log, batch())
    disk.files.write_limit = 30
    with pytest.raises(KafkaError) as caught:
        append(log, idempotent(0, 5))
    assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    assert (disk.partition_path / "00000000000000000000.log").stat().st_size == len(batch())
    assert log.high_watermark == 1
    disk.files.write_limit = None
    assert append(log, idempotent(0, 2)).base_offset == 1, (
        "the failed batch left no trace in the producer's state"
    )
    assert read_all(disk.restart()) == [0, 1]


def test_short_writes_are_completed(disk: Disk) -> None:
    log = disk.start()
    write_at = disk.files.write_at
    disk.files.write_at = lambda descriptor, data, position: write_at(descriptor, data[:10], position)  # type: ignore[method-assign]
    append(log, batch(3))
    append(log, batch())
    assert read_all(log) == [0, 3]


def test_log_stops_when_a_torn_write_cannot_be_cut_off(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    disk.files.write_limit = 30
    disk.files.broken = {"truncate"}
    for _ in range(2):
        with pytest.raises(KafkaError) as caught:
            append(log, batch())
        assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    with pytest.raises(KafkaError):
        now(log.read(0, 100))
    disk.files.broken.clear()
    disk.files.write_limit = None
    log = disk.restart(clean=False)
    assert read_all(log) == [0]
    assert append(log, batch()).base_offset == 1


def test_failing_to_roll_leaves_the_active_segment(disk: Disk) -> None:
    disk.config.segment_bytes = 100
    log = disk.start()
    append(log, batch())
    disk.files.broken = {"create"}
    with pytest.raises(KafkaError):
        append(log, batch())
    disk.files.broken.clear()
    append(log, batch())
    assert read_all(log) == [0, 1]


def test_flush_messages_syncs_before_the_answer(disk: Disk) -> None:
    disk.config.flush_messages = 2
    log = disk.start()
    append(log, batch())
    assert disk.files.synced == []
    append(log, batch())
    assert "00000000000000000000.log" in disk.files.synced
    assert log.log.recovery_point == 2


def test_log_stops_when_a_sync_fails(disk: Disk) -> None:
    """After a failed sync the kernel may have dropped what was written: nothing may be acknowledged."""
    disk.config.flush_messages = 1
    log = disk.start()
    disk.files.broken = {"sync_file"}
    for _ in range(2):
        with pytest.raises(KafkaError) as caught:
            append(log, batch())
        assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR
        disk.files.broken.clear()


def test_deleted_topic_is_unknown(disk: Disk) -> None:
    log = disk.start()
    log.detach()
    with pytest.raises(KafkaError) as caught:
        append(log, batch())
    assert caught.value.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
