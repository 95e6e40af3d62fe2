"""A partition as the broker uses it: append, read, search, delete; and what a restart brings back."""

from collections.abc import Callable

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import (
    has_valid_crc,
    iter_batches,
    parse_header,
)
from kbroker.storage.interfaces.logs import EpochEndOffset
from kbroker.storage.log.page_cache import ColdRange
from kbroker.storage.log.partition_log import PartitionLog

from .conftest import NOW_MS, Disk, append, batch, idempotent, now, offsets_in, read_all, transactional

ALL = 1 << 62


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


@pytest.mark.parametrize("created_ms", [5, NOW_MS])
def test_log_append_time_is_written_into_the_batch(disk: Disk, created_ms: int) -> None:
    log = disk.start()
    assert append(log, batch(timestamps=created_ms), NOW_MS).log_append_time_ms == NOW_MS
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


def test_idle_producers_are_forgotten(disk: Disk) -> None:
    log = disk.start()
    append(log, idempotent(0))
    assert [producer.producer_id for producer in now(log.active_producers())] == [7]
    disk.clock.now += 86_400_000
    log.enforce_retention(disk.clock.now)
    assert now(log.active_producers()) == []
    assert append(log, idempotent(5)).base_offset == 1, "an unknown producer may start anywhere"


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


def cold_disk(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> PartitionLog:
    """A log of three batches, opened anew, of which nothing is in memory until somebody loads it."""
    log = disk.start()
    for _ in range(3):
        append(log, batch(2, size=200))
    log = disk.restart()
    loaded: list[ColdRange] = []
    monkeypatch.setattr("kbroker.storage.log.log.is_cached", lambda *_: bool(loaded))

    def load(cold: ColdRange) -> None:
        loaded.append(cold)

    monkeypatch.setattr(ColdRange, "load", load)
    return log


def test_what_is_not_in_memory_is_read_where_it_keeps_nobody_waiting(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = cold_disk(disk, monkeypatch)
    calls = []

    async def elsewhere(call: Callable[[], None]) -> None:
        calls.append(call)
        call()

    assert offsets_in(now(log.read_to_send(2, 1000, elsewhere)).records) == [2, 4]
    assert len(calls) == 1
    assert offsets_in(now(log.read_to_send(2, 1000, elsewhere)).records) == [2, 4]
    append(log, batch())
    monkeypatch.setattr("kbroker.storage.log.log.is_cached", lambda *_: False)
    assert offsets_in(now(log.read_to_send(6, 1000, elsewhere)).records) == [6], "what was just written"
    assert len(calls) == 1


def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Position, and how much is looked at; all of it is in memory."""
    asked = []

    def is_cached(_: int, position: int, size: int, end: int) -> bool:
        assert end >= position + size
        asked.append((position, end - position))
        return True

    monkeypatch.setattr("kbroker.storage.log.log.is_cached", is_cached)
    return asked


async def not_needed(call: Callable[[], None]) -> None:
    """In place of a worker thread."""
    pytest.fail("loaded")


@pytest.mark.parametrize(("max_bytes", "waited_for"), [(100_000, 2 << 20), (2 << 20, ALL)])
def test_all_is_waited_for_that_sendfile_would_wait_for(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, max_bytes: int, waited_for: int
) -> None:
    """Which is the unit of the page cache that the end lies in, up to 2 MiB, or what there is of it."""
    log = disk.start()
    for _ in range(25):
        append(log, batch(1, size=100_000))
    log = disk.restart()
    asked = looks(monkeypatch)
    now(log.read_to_send(0, max_bytes, not_needed))
    assert asked == [(0, min(waited_for, log.log.segments.active.size))]


def test_a_read_that_begins_behind_a_large_batch_is_looked_at_to_its_end(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index leads to the batch before."""
    log = disk.start()
    for _ in range(4):
        append(log, batch(1, size=2 << 20))
    log = disk.restart()
    asked = looks(monkeypatch)
    now(log.read_to_send(2, 1 << 20, not_needed))
    [(position, size)] = asked
    assert position + size >= (2 * 2 + 1) << 20


def test_of_what_was_written_since_the_start_only_the_end_is_taken_for_granted(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = disk.start()
    for _ in range(10):
        append(log, batch(1, size=400_000))
    asked = looks(monkeypatch)
    now(log.read_to_send(8, 1 << 20, not_needed))
    assert not asked
    now(log.read_to_send(7, 1 << 20, not_needed))
    assert asked


def test_what_may_not_be_read_yet_is_not_looked_at(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = disk.start()
    append(log, transactional(0, 1))
    for _ in range(4):
        append(log, batch(1, size=400_000))
    asked = looks(monkeypatch)
    assert now(log.read_to_send(0, 1 << 20, not_needed, committed=True)).records == b""
    assert not asked
    now(log.read_to_send(0, 1 << 20, not_needed))
    assert asked


def test_a_log_that_is_deleted_while_it_is_loaded_is_not_read(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = cold_disk(disk, monkeypatch)

    async def elsewhere(call: Callable[[], None]) -> None:
        log.detach()

    with pytest.raises(KafkaError) as caught:
        now(log.read_to_send(0, 1000, elsewhere))
    assert caught.value.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_a_read_at_once_reads_only_what_is_in_memory(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = cold_disk(disk, monkeypatch)
    assert log.read_at_once(2, 1000) is None
    append(log, batch())
    newest = log.read_at_once(6, 1000)
    assert newest is not None
    assert offsets_in(newest.records) == [6]
    nothing = log.read_at_once(2, 0)
    assert nothing is not None
    assert nothing.records == b""
    with pytest.raises(KafkaError) as caught:
        log.read_at_once(8, 1000)
    assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_nothing_is_loaded_for_a_read_that_has_no_room(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = cold_disk(disk, monkeypatch)
    assert now(log.read_to_send(0, 0, not_needed)).records == b""
    with pytest.raises(KafkaError):
        now(log.read_to_send(7, 0, not_needed))
