"""A producer's acknowledged records are in a partition in the order in which it sent them.

For a producer that isn't idempotent this is about records that were sent once: a retry may come late.
"""

from collections.abc import Iterator

from histories.identity import unpacked

from rules.logs import NOTHING, Logs
from rules.violation import Violation

RULE = "a producer's records are in order"


def violations(logs: Logs) -> Iterator[Violation]:
    """Each record that comes after a later one of its producer."""
    for (topic, partition), log in logs.partitions.items():
        last: dict[int, int] = {}
        for offset, record in enumerate(log.acknowledged):
            if record == NOTHING:
                continue
            producer, number = unpacked(record)
            known = logs.producers[producer]
            if not known.idempotent and known.attempts[number] > 1:
                continue
            if number <= last.get(producer, NOTHING):
                yield Violation(
                    RULE,
                    f"{topic}-{partition}@{offset}: record {number} of producer {producer} comes after "
                    f"{last[producer]}",
                    topic, partition, offset, producer, number,
                )  # fmt: skip
            last[producer] = number
