"""Which of a log's oldest segments its topic's config lets go."""

from kbroker.storage.log.segment_list import SegmentList


def deletable(segments: SegmentList, log_start: int, log_end: int, now_ms: int) -> int:
    """How many segments, from the oldest, may be deleted.

    All of them may be, but an active segment without records never is. `retention.ms` and `retention.bytes`
    hold under cleanup.policy `delete` alone; what lies below the log start offset goes under any policy.
    """
    config = segments.active.config
    age_ms = config.retention_ms if "delete" in config.cleanup_policy else -1
    excess = 0
    if config.retention_bytes >= 0 and "delete" in config.cleanup_policy:
        excess = sum(segment.size for segment in segments) - config.retention_bytes
    count = 0
    for number, segment in enumerate(segments):
        if not segment.size and number + 1 == len(segments):
            break
        too_old = age_ms >= 0 and now_ms - segment.largest_timestamp() > age_ms
        too_much = excess > 0 and excess >= segment.size
        if not (too_old or too_much or _unreadable(segments, number, log_start, log_end)):
            break
        excess -= segment.size
        count += 1
    return count


def unreadable(segments: SegmentList, log_start: int, log_end: int) -> int:
    """How many segments, from the oldest, lie below the log start offset. The active one never does."""
    count = 0
    while _unreadable(segments, count, log_start, log_end):
        count += 1
    return count


def _unreadable(segments: SegmentList, number: int, log_start: int, log_end: int) -> bool:
    return number + 1 < len(segments) and segments.end_of(number, log_end) <= log_start
