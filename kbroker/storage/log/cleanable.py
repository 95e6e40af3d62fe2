"""Which part of a log can be compacted, and whether that is due."""

from attrs import frozen

from kbroker.config.topic import LONG_MAX
from kbroker.storage.log.batch_scan import scan
from kbroker.storage.log.partition_log import PartitionLog
from kbroker.storage.log.segment import Segment


@frozen
class CleanableRange:
    """Whole segments up to `end`, of which what lies before `first_dirty` has been compacted before."""

    first_dirty: int
    end: int
    dirty_ratio: float  # of its bytes
    due: bool


def cleanable_range(partition: PartitionLog, first_dirty: int | None, now_ms: int) -> CleanableRange | None:
    """What of a log can be compacted; None when nothing is new.

    `first_dirty` is where the last cleaning ended. The active segment is left alone, and what no transaction
    has settled, and what is younger than min.compaction.lag.ms. Raises OSError.
    """
    log = partition.log
    config = partition.config
    if first_dirty is None or not log.start <= first_dirty <= log.end:
        first_dirty = log.start
    stable = partition.last_stable_offset
    clean_bytes = dirty_bytes = 0
    first_written_ms = LONG_MAX
    end = first_dirty
    for number in range(len(log.segments) - 1):
        segment = log.segments[number]
        segment_end = log.segments.end_of(number, log.end)
        if segment_end <= first_dirty:
            clean_bytes += segment.size
            continue
        if segment_end > stable or _too_young(segment, config.min_compaction_lag_ms, now_ms):
            break
        dirty_bytes += segment.size
        end = segment_end
        if config.max_compaction_lag_ms < LONG_MAX:
            first_written_ms = min(first_written_ms, _first_timestamp(segment))
    if not dirty_bytes:
        return None
    ratio = dirty_bytes / (clean_bytes + dirty_bytes)
    overdue = now_ms - first_written_ms > config.max_compaction_lag_ms
    return CleanableRange(first_dirty, end, ratio, overdue or ratio > config.min_cleanable_dirty_ratio)


def _too_young(segment: Segment, lag_ms: int, now_ms: int) -> bool:
    return lag_ms > 0 and segment.largest_timestamp() > now_ms - lag_ms


def _first_timestamp(segment: Segment) -> int:
    """Timestamp of a segment's first batch; far ahead if it has none, so that nothing is overdue for it."""
    if segment.first_timestamp < 0:
        first = next(scan(segment.open(), 0, segment.size), None)
        if first is None or first.max_timestamp < 0:
            return LONG_MAX
        segment.first_timestamp = first.max_timestamp
    return segment.first_timestamp
