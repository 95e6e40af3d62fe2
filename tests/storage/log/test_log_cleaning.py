"""Compaction of a log, as its readers and its directory see it."""

import logging
from collections.abc import Callable

import pytest

from kbroker.protocol.records import Codec, ControlType, encode_end_txn, parse_header
from kbroker.storage.log.txn_index import AbortedEntry

from .compacting import Inline, clean, keyed, records, segment_of, stored_batches
from .conftest import NOW_MS, TOPIC_ID, Disk, append, batch, now

DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def compacted_topic(disk: Disk) -> None:
    disk.config.cleanup_policy = frozenset({"compact"})


def test_of_each_key_the_latest_record_stays_at_its_offset(disk: Disk) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1"), ("b", "1")), keyed(("a", "2")))
    segment_of(log, keyed(("c", "1")), keyed(("a", "3"), ("c", "2")))
    append(log, keyed(("b", "2")))
    clean(disk)
    assert records(log) == [(1, "b", "1"), (4, "a", "3"), (5, "c", "2"), (6, "b", "2")]
    assert [segment.base_offset for segment in log.log.segments] == [0, 6]  # small ones have become one
    assert records(disk.restart()) == records(disk.restart(clean=False)) == [
        (1, "b", "1"), (4, "a", "3"), (5, "c", "2"), (6, "b", "2"),
    ]  # fmt: skip


def test_a_batch_that_loses_nothing_is_copied_and_one_that_loses_records_keeps_all_else(disk: Disk) -> None:
    log = disk.start()
    producer = {"producer_id": 7, "producer_epoch": 1, "base_sequence": 0, "codec": Codec.GZIP}
    segment_of(log, keyed(("a", "1"), ("b", "1"), ("a", "2"), **producer), keyed(("c", "1")))
    before = stored_batches(log)
    clean(disk)
    after = stored_batches(log)
    assert after[1] == before[1]
    old, new = parse_header(before[0]), parse_header(after[0])
    assert new.record_count == 2
    for field in ("base_offset", "last_offset", "producer_id", "producer_epoch", "base_sequence", "codec",
                  "partition_leader_epoch", "max_timestamp", "attributes"):  # fmt: skip
        assert getattr(new, field) == getattr(old, field)


def test_tombstones_go_when_their_delete_horizon_has_come(disk: Disk) -> None:
    """delete.retention.ms after the first cleaning that met them, not after they were written (KIP-534)."""
    disk.config.delete_retention_ms = 1000
    disk.config.min_cleanable_dirty_ratio = 0.0
    log = disk.start()
    segment_of(log, keyed(("a", "1"), ("b", "1"), timestamp=NOW_MS - DAY_MS), keyed(("a", None), ("z", "1")))
    disk.clock.now += 10_000
    clean(disk)
    assert records(log) == [(1, "b", "1"), (2, "a", None), (3, "z", "1")]
    header = parse_header(stored_batches(log)[1])
    assert header.delete_horizon_ms == disk.clock.now + 1000
    disk.clock.now += 999
    segment_of(log, keyed(("x", "1")))
    clean(disk)
    assert (2, "a", None) in records(log)
    found = now(log.offset_for_timestamp(NOW_MS - 1))
    assert found is not None
    assert (found.offset, found.timestamp) == (2, NOW_MS)  # its timestamp is still its own
    disk.clock.now += 1
    segment_of(log, keyed(("y", "1")))
    clean(disk)
    assert records(log) == [(1, "b", "1"), (3, "z", "1"), (4, "x", "1"), (5, "y", "1")]


def test_an_empty_batch_stays_while_it_holds_its_producers_last_sequence(disk: Disk) -> None:
    disk.config.min_cleanable_dirty_ratio = 0.0
    log = disk.start()
    segment_of(log, keyed(("a", "1"), producer_id=7, producer_epoch=0, base_sequence=0))
    segment_of(log, keyed(("a", "2"), producer_id=8, producer_epoch=0, base_sequence=0))
    segment_of(log, keyed(("a", "3"), producer_id=8, producer_epoch=0, base_sequence=1))
    clean(disk)
    headers = [parse_header(each) for each in stored_batches(log)]
    assert [(each.base_offset, each.producer_id, each.record_count) for each in headers] == [
        (0, 7, 0),
        (2, 8, 1),
    ]
    for path in disk.partition_path.glob("*.snapshot"):
        path.unlink()
    log = disk.restart(clean=False)
    assert {each.producer_id: each.last_sequence for each in log.producers} == {7: 0, 8: 1}
    append(log, keyed(("q", "1"), producer_id=7, producer_epoch=0, base_sequence=1))
    log.log.roll()
    clean(disk)
    assert [parse_header(each).base_offset for each in stored_batches(log)] == [2, 3]


def test_aborted_records_go_and_hide_nothing(disk: Disk) -> None:
    log = disk.start()
    transaction = {"producer_id": 7, "producer_epoch": 0, "transactional": True}
    segment_of(log, keyed(("a", "1"), ("b", "1")), keyed(("a", "aborted"), base_sequence=0, **transaction))
    segment_of(
        log,
        encode_end_txn(
            ControlType.ABORT, producer_id=7, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS
        ),
    )
    append(log, keyed(("x", "1")))
    clean(disk)
    assert records(log) == [(0, "a", "1"), (1, "b", "1"), (4, "x", "1")]
    assert any(parse_header(each).is_control for each in stored_batches(log))
    assert log.log.segments[0].aborted == [AbortedEntry(7, 2, 3, 4)]
    log = disk.restart()
    assert log.log.segments[0].aborted == [AbortedEntry(7, 2, 3, 4)]


def test_the_markers_of_emptied_transactions_go_after_delete_retention_ms(disk: Disk) -> None:
    """Round by round as Apache Kafka does it: records, then a delete horizon, then the marker (KIP-534)."""
    disk.config.min_cleanable_dirty_ratio = 0.0
    disk.config.delete_retention_ms = 1000
    log = disk.start()
    producer = {"producer_id": 7, "producer_epoch": 0}
    for sequence, kind in enumerate((ControlType.ABORT, ControlType.COMMIT)):
        segment_of(log, keyed(("a", "1"), base_sequence=sequence, transactional=True, **producer))
        ending = encode_end_txn(kind, producer_id=7, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS)
        segment_of(log, ending)
    segment_of(log, keyed(("a", "3")))

    def batches() -> list[tuple[int, bool, int | None]]:
        headers = [parse_header(each) for each in stored_batches(log)]
        return [(each.base_offset, each.is_control, each.delete_horizon_ms) for each in headers]

    clean(disk)
    assert batches() == [(1, True, None), (2, False, None), (3, True, None), (4, False, None)]
    assert log.log.segments[0].aborted == [AbortedEntry(7, 0, 1, 2)]
    segment_of(log, keyed(("b", "1")))
    clean(disk)
    horizon = disk.clock.now + 1000
    # The second transaction's batch is empty, but there: it has its producer's last sequence.
    assert batches()[:3] == [(1, True, horizon), (2, False, None), (3, True, None)]
    assert log.log.segments[0].aborted == []
    disk.clock.now += 1000
    segment_of(log, keyed(("b", "2")))
    clean(disk)
    assert batches()[:2] == [(2, False, None), (3, True, None)]
    log = disk.restart(clean=False)
    assert [each.last_sequence for each in log.producers] == [1]
    assert log.last_stable_offset == log.high_watermark


def test_nothing_that_is_in_an_open_transaction_or_later_is_compacted(disk: Disk) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    segment_of(log, keyed(("a", "3"), producer_id=7, producer_epoch=0, base_sequence=0, transactional=True))
    segment_of(log, keyed(("a", "4")))
    clean(disk)
    assert [offset for offset, *_ in records(log)] == [1, 2, 3]


def test_records_without_a_key_go(disk: Disk) -> None:
    """There are some where the topic was not compacted before."""
    log = disk.start()
    plain = keyed(("", "1"), ("a", "1"))
    segment_of(log, plain)
    segment_of(log, batch([b"no key"]), keyed(("b", "1")))
    clean(disk)
    assert [offset for offset, *_ in records(log)] == [0, 1, 3]


def test_a_batch_that_cannot_be_read_is_kept_and_stops_nothing(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.config.min_cleanable_dirty_ratio = 0.0
    log = disk.start()
    broken = keyed(("a", "x" * 100), codec=Codec.GZIP)
    broken[70:90] = bytes(20)
    segment_of(log, keyed(("a", "1"), ("b", "1")), broken, keyed(("b", "2")))
    stored = stored_batches(log)[1]
    with caplog.at_level(logging.WARNING):
        clean(disk)
        segment_of(log, keyed(("c", "1")))
        clean(disk)
    assert stored in stored_batches(log)
    assert [parse_header(each).base_offset for each in stored_batches(log)] == [0, 2, 3, 4]
    assert len([each for each in caplog.records if "cannot be read" in each.getMessage()]) == 1


def test_a_segment_with_garbage_in_it_is_left_alone(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    log.log.segments[0].size += 1
    with caplog.at_level(logging.WARNING):
        clean(disk)
    assert "holds no batch at position" in caplog.text
    log.log.segments[0].size -= 1
    assert [offset for offset, *_ in records(log)] == [0, 1]
    assert not [name for name in disk.names() if name.endswith(".cleaned")]


def test_a_small_map_takes_several_rounds(disk: Disk) -> None:
    disk.config.min_cleanable_dirty_ratio = 0.0
    disk.settings.set_dynamic("", {"log.cleaner.dedupe.buffer.size": "1"})
    log = disk.start()
    segment_of(log, keyed(("a", "1"), ("b", "1")), keyed(("a", "2")), keyed(("b", "2")))
    segment_of(log, keyed(("a", "3")), keyed(("c", "1")))
    clean(disk)
    assert records(log) == [(3, "b", "2"), (4, "a", "3"), (5, "c", "1")]


def test_long_keys_are_told_apart(disk: Disk) -> None:
    log = disk.start()
    segment_of(log, keyed(("k" * 100, "1"), ("k" * 99 + "x", "1"), ("k" * 100, "2")))
    clean(disk)
    assert [offset for offset, *_ in records(log)] == [1, 2]


def test_groups_are_no_larger_than_a_segment_may_be(disk: Disk) -> None:
    log = disk.start()
    for number in range(4):
        segment_of(log, keyed((str(number), "x" * 500)))
    disk.config.segment_bytes = 2 * log.log.segments[0].size
    clean(disk)
    assert [segment.base_offset for segment in log.log.segments] == [0, 2, 4]


# What other tasks do at a pause


class AtPause:
    """Calls something at the pause of that number."""

    def __init__(self, number: int, call: Callable[[], object]) -> None:
        self.left = number
        self._call = call

    def __call__(self) -> None:
        self.left -= 1
        if not self.left:
            self._call()


PAUSES = range(1, 14)  # as many as cleaning the logs below takes


@pytest.mark.parametrize("number", PAUSES)
def test_appends_and_reads_go_on_meanwhile(disk: Disk, number: int) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1"), ("b", "1")), keyed(("a", "2")))
    segment_of(log, keyed(("b", "2")))

    def paused() -> None:
        assert records(log)[-1][0] == 3
        segment_of(log, keyed(("a", "3")))

    clean(disk, at := AtPause(number, paused))
    assert at.left <= 0
    assert {key: value for _, key, value in records(log)} == {"a": "3", "b": "2"}


@pytest.mark.parametrize("number", PAUSES)
def test_a_log_whose_start_moved_meanwhile_is_not_put_back(disk: Disk, number: int) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    segment_of(log, keyed(("b", "1")))
    append(log, keyed(("c", "1")))
    clean(disk, AtPause(number, lambda: now(log.delete_records(2))))
    assert [offset for offset, *_ in records(log)] == [2, 3]
    assert [offset for offset, *_ in records(disk.restart())] == [2, 3]


@pytest.mark.parametrize("number", PAUSES)
def test_a_topic_deleted_meanwhile_stays_deleted(disk: Disk, number: int) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    segment_of(log, keyed(("b", "1")))
    clean(disk, AtPause(number, lambda: now(disk.store.delete_topic("t", TOPIC_ID, 1))))
    assert not disk.partition_path.exists()


def test_no_more_bytes_a_second_are_read_than_the_cleaner_may(disk: Disk) -> None:
    log = disk.start()
    batch_of_a = keyed(("a", "1"))
    segment_of(log, batch_of_a, batch_of_a)
    disk.settings.set_dynamic("", {"log.cleaner.io.max.bytes.per.second": "1000"})
    waited = []

    class Waiting(Inline):
        async def throttle(self, size: int, bytes_per_second: float) -> None:
            waited.append((size, bytes_per_second))

    now(disk.store.clean(disk.clock.now, Waiting()))
    assert waited == [(len(batch_of_a), 1000)] * 4  # once for the keys, once for the records
