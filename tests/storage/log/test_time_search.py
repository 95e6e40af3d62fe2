"""Finding records by their timestamps."""

import tracemalloc

from kbroker.protocol.records import Codec
from kbroker.storage.interfaces.logs import OffsetAndTimestamp

from .conftest import NOW_MS, Disk, append, batch, now, running_and_restarted


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


def test_under_log_append_time_the_batch_answers(disk: Disk) -> None:
    """All its records have one time: the first is found by it, and for the latest the last, as in Apache Kafka."""
    log = disk.start()
    append(log, batch(3, timestamps=[1, 2, 3]), NOW_MS)
    append(log, batch(3, timestamps=[1, 2, 3]), NOW_MS + 5)
    assert now(log.offset_for_timestamp(NOW_MS)) == OffsetAndTimestamp(0, NOW_MS, 0)
    assert now(log.offset_for_timestamp(NOW_MS + 1)) == OffsetAndTimestamp(3, NOW_MS + 5, 0)
    assert now(log.max_timestamp()) == OffsetAndTimestamp(5, NOW_MS + 5, 0)


def test_of_equal_timestamps_the_first_is_the_latest(disk: Disk) -> None:
    disk.config.segment_bytes = 200
    log = disk.start()
    for timestamps in ([10, 30], [30, 20], [5, 30]):
        append(log, batch(2, timestamps=timestamps))
    assert len(disk.bases()) > 1
    assert now(log.max_timestamp()) == OffsetAndTimestamp(1, 30, 0)


def test_records_below_the_log_start_are_not_found(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(3, timestamps=[10, 20, 30]))
    now(log.delete_records(2))
    assert now(log.offset_for_timestamp(0)) == OffsetAndTimestamp(2, 30, 0)


def test_records_are_looked_at_one_by_one(disk: Disk) -> None:
    """A small batch may unpack to many."""
    log = disk.start()
    count = 20_000
    append(log, batch(count, timestamps=list(range(count)), codec=Codec.ZSTD))
    tracemalloc.start()
    try:
        assert now(log.max_timestamp()) == OffsetAndTimestamp(count - 1, count - 1, 0)
        assert now(log.offset_for_timestamp(count - 2)) == OffsetAndTimestamp(count - 2, count - 2, 0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60 * count  # what it unpacks to, and not a tuple for each
