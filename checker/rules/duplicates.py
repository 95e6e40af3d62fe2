"""No record is there more often than it was sent: once for idempotent producers, for others as often as tried.

A record that was refused, or that nobody sent, is there never.
"""

from collections.abc import Iterator

from histories.identity import unpacked

from rules.logs import Logs
from rules.violation import Violation

RULE = "no record is duplicated"


def violations(logs: Logs) -> Iterator[Violation]:
    """Each record that is there once too often, at its last offset."""
    times = {number: bytearray(len(each.attempts)) for number, each in logs.producers.items()}
    for (topic, partition), log in logs.partitions.items():
        for offset, record in log.records():
            producer, number = unpacked(record)
            known = logs.producers.get(producer)
            if known is None or number >= len(known.attempts):
                yield _violation("was never sent", topic, partition, offset, record)
                continue
            allowed = min(1, known.attempts[number]) if known.idempotent else known.attempts[number]
            counts = times[producer]
            if counts[number] >= allowed:
                what = f"is there {counts[number] + 1} times; {allowed} are explained"
                yield _violation(what, topic, partition, offset, record)
            counts[number] = min(255, counts[number] + 1)


def _violation(what: str, topic: str, partition: int, offset: int, record: int) -> Violation:
    return Violation(
        RULE,
        f"{topic}-{partition}@{offset}: record {unpacked(record)} {what}",
        topic, partition, offset, *unpacked(record),
    )  # fmt: skip
