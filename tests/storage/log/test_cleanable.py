"""How much of a log can be compacted, and when that is due."""

import pytest

from kbroker.storage.log.cleanable import CleanableRange, cleanable_range
from kbroker.storage.log.partition_log import PartitionLog

from .compacting import keyed, segment_of
from .conftest import NOW_MS, Disk, append, now


@pytest.fixture
def log(disk: Disk) -> PartitionLog:
    """Offsets 0 to 2 in segments of their own, a second apart, and 3 in the active one."""
    disk.config.cleanup_policy = frozenset({"compact"})
    log = disk.start()
    for second in range(3):
        segment_of(log, keyed((f"{second}", "x"), timestamp=NOW_MS + second * 1000))
    append(log, keyed(("3", "x"), timestamp=NOW_MS + 3000))
    return log


def test_all_but_the_active_segment(log: PartitionLog) -> None:
    assert cleanable_range(log, None, NOW_MS) == CleanableRange(0, 3, 1.0, True)
    assert cleanable_range(log, 3, NOW_MS) is None


def test_a_checkpoint_that_is_not_in_the_log_does_not_count(log: PartitionLog) -> None:
    """The log was truncated, or its start moved."""
    now(log.delete_records(1))
    for checkpoint in (0, 77):
        found = cleanable_range(log, checkpoint, NOW_MS)
        assert found is not None
        assert found.first_dirty == 1


@pytest.mark.parametrize(("ratio", "due"), [(0.0, True), (0.3, True), (0.34, False), (1.0, False)])
def test_min_cleanable_dirty_ratio(log: PartitionLog, ratio: float, due: bool) -> None:
    log.config.min_cleanable_dirty_ratio = ratio
    found = cleanable_range(log, 2, NOW_MS)
    assert found is not None
    assert found.dirty_ratio == pytest.approx(1 / 3)
    assert found.due is due


@pytest.mark.parametrize(("lag_ms", "end"), [(0, 3), (1999, 2), (2000, 2), (2500, 1)])
def test_min_compaction_lag_ms(log: PartitionLog, lag_ms: int, end: int) -> None:
    log.config.min_compaction_lag_ms = lag_ms
    found = cleanable_range(log, None, NOW_MS + 3000)
    assert found is not None
    assert found.end == end


def test_max_compaction_lag_ms(disk: Disk, log: PartitionLog) -> None:
    log.config.min_cleanable_dirty_ratio = 1.0
    log.config.max_compaction_lag_ms = 5000
    for restarted in (log, disk.restart()):
        for now_ms, due in ((NOW_MS + 5000, False), (NOW_MS + 5001, True)):
            found = cleanable_range(restarted, None, now_ms)
            assert found is not None
            assert found.due is due


def test_max_compaction_lag_ms_rolls_the_active_segment(log: PartitionLog) -> None:
    """Only what is complete is compacted."""
    log.config.max_compaction_lag_ms = 5000
    append(log, keyed(("4", "x"), timestamp=NOW_MS + 8000))
    assert len(log.log.segments) == 4
    append(log, keyed(("5", "x"), timestamp=NOW_MS + 8001))
    assert len(log.log.segments) == 5
