"""The wall clock is set back, or forward, under a log: nothing waits for it to be again what it was."""

import pytest

from kbroker.protocol.records import parse_header
from kbroker.storage.log.checkpoints import RECOVERY_POINTS, read_offsets

from .conftest import NOW_MS, Disk, append, batch, fill, idempotent, now, read_all

DAY_MS = 86_400_000
JUMPS = [-DAY_MS, DAY_MS]
LOOK_MS = 1000


@pytest.mark.parametrize("jump_ms", JUMPS)
def test_records_are_synced_as_soon_as_before(disk: Disk, jump_ms: int) -> None:
    disk.config.flush_ms = 5000
    log = disk.start()
    append(log, batch())
    disk.clock.now += jump_ms
    for _ in range(6):
        disk.clock.now += LOOK_MS
        if disk.store.flush_due(disk.clock.now):
            disk.store.flush(disk.clock.now)
    assert log.log.recovery_point == 1
    log.log.prepare_flush().run()
    append(log, batch())
    assert not disk.store.flush_due(disk.clock.now)


@pytest.mark.parametrize("jump_ms", JUMPS)
def test_recovery_points_are_written_down_as_soon_as_before(disk: Disk, jump_ms: int) -> None:
    disk.config.flush_messages = 1
    append(disk.start(), batch())
    disk.clock.now += jump_ms
    assert disk.store.flush_due(disk.clock.now)
    disk.store.flush(disk.clock.now)
    assert read_offsets(str(disk.path / RECOVERY_POINTS)) == {("t", 0): 1}


def test_a_clock_set_back_deletes_nothing(disk: Disk) -> None:
    disk.config.retention_ms = 1000
    fill(disk, 9)
    disk.clock.now -= DAY_MS
    now(disk.store.enforce_retention(disk.clock.now))
    assert read_all(disk.partition()) == [*range(9)]


def test_a_clock_set_forward_deletes_what_is_old_by_it_and_the_log_goes_on(disk: Disk) -> None:
    """As in Apache Kafka, where too the clock is the only measure of age."""
    disk.config.retention_ms = 2 * DAY_MS
    fill(disk, 9)
    log = disk.partition()
    disk.clock.now += DAY_MS
    now(disk.store.enforce_retention(disk.clock.now))
    assert read_all(log) == [*range(9)]
    disk.clock.now += 2 * DAY_MS
    now(disk.store.enforce_retention(disk.clock.now))
    assert (read_all(log), log.log_start_offset) == ([], 9)
    assert append(log, batch()).base_offset == 9


@pytest.mark.parametrize("jump_ms", JUMPS)
@pytest.mark.parametrize("stamped", [True, False], ids=["LogAppendTime", "no timestamps"])
def test_segments_roll_once_at_most_for_a_jump_and_their_indexes_stay_right(
    disk: Disk, jump_ms: int, stamped: bool
) -> None:
    disk.config.segment_ms = 1000
    disk.config.index_interval_bytes = 1
    log = disk.start()
    times = []
    for number in range(8):
        if number == 4:
            disk.clock.now += jump_ms
        data = batch(timestamps=disk.clock.now if stamped else -1)
        now(log.append(memoryview(data), parse_header(data), disk.clock.now if stamped else -1))
        times.append(disk.clock.now)
        disk.clock.now += 10
    assert len(disk.bases()) <= 2
    for opened in (lambda: log, disk.restart, lambda: disk.restart(clean=False)):
        each = opened()
        assert read_all(each) == [*range(8)]
        if stamped:
            found = now(each.offset_for_timestamp(max(times)))
            assert found is not None
            assert found.timestamp == max(times)


@pytest.mark.parametrize("jump_ms", JUMPS)
def test_an_idempotent_producer_goes_on(disk: Disk, jump_ms: int) -> None:
    """Set forward its state expires, as in Apache Kafka; its next batch is the first that is known again."""
    log = disk.start()
    for sequence in range(3):
        append(log, idempotent(sequence))
    disk.clock.now += 2 * jump_ms
    now(disk.store.enforce_retention(disk.clock.now))
    assert append(log, idempotent(3)).base_offset == 3
    assert append(log, idempotent(3)).duplicate
    assert append(disk.restart(clean=False), idempotent(4)).base_offset == 4


def test_timestamps_that_a_jump_left_in_the_future_hold_up_nothing(disk: Disk) -> None:
    """Records that were written while the clock was wrong are kept for longer, and those after them as well."""
    disk.config.retention_ms = DAY_MS
    disk.config.segment_bytes = 250
    log = disk.start()
    for number in range(6):
        ahead = 30 * DAY_MS if number == 2 else 0
        append(log, batch(size=100, timestamps=NOW_MS + ahead))
    disk.clock.now += 2 * DAY_MS
    now(disk.store.enforce_retention(disk.clock.now))
    assert read_all(log)[0] == 2
    disk.clock.now += 30 * DAY_MS
    now(disk.store.enforce_retention(disk.clock.now))
    assert read_all(log) == []
