"""No acknowledged record is lost: reads that pass its offset show it, and the last ones reach it.

What may be absent: what retention or DeleteRecords took from the beginning of a topic that allows it, and what
compaction may drop, which is a record with a later one of the same key.
"""

from collections.abc import Iterator

from histories.identity import NUMBER_MASK, unpacked

from rules.logs import NOTHING, Logs, PartitionLog, Topic
from rules.violation import Violation

RULE = "no acknowledged record is lost"


def violations(logs: Logs) -> Iterator[Violation]:
    """Each record that is lost, or was hidden from some read."""
    for (name, partition), log in logs.partitions.items():
        topic = logs.topics[name]
        if log.start and not topic.trimmed:
            yield Violation(RULE, f"{name}-{partition} begins at {log.start}", name, partition, 0)
        kept = _latest_offsets(log, topic.keys) if topic.keys else None
        for offset in _absent(log, topic):
            record = log.record_at(offset)
            if record == NOTHING or (kept is not None and kept[_key(record, topic)] > offset):
                continue
            producer, number = unpacked(record)
            yield Violation(
                RULE,
                f"{name}-{partition}@{offset}: record ({producer}, {number}) isn't there for a reader",
                name, partition, offset, producer, number,
            )  # fmt: skip


def _absent(log: PartitionLog, topic: Topic) -> Iterator[int]:
    """Offsets that a read passed without showing a record, then acknowledged ones that the last reads don't reach."""
    kinds = ("uncommitted",) if topic.transactional else ("uncommitted", "committed")
    for kind in kinds:
        yield from log.passed(kind)
    if log.final:
        end = max(log.end, log.start)
        yield from (
            offset for offset in range(end, len(log.acknowledged)) if log.acknowledged[offset] != NOTHING
        )


def _key(record: int, topic: Topic) -> int:
    return (record & NUMBER_MASK) % topic.keys


def _latest_offsets(log: PartitionLog, keys: int) -> list[int]:
    """By key: the offset of the last record of that key."""
    latest = [NOTHING] * keys
    for known in (log.seen, log.acknowledged):
        for offset, record in enumerate(known):
            if record != NOTHING:
                key = (record & NUMBER_MASK) % keys
                latest[key] = max(latest[key], offset)
    return latest
