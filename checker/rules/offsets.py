"""An offset is handed out once, and what is read there is what was acknowledged there, every time."""

from collections.abc import Iterator

from histories.identity import unpacked

from rules.logs import NOTHING, Logs
from rules.violation import Violation

RULE = "offsets are unique and keep their record"


def violations(logs: Logs) -> Iterator[Violation]:
    """Each offset that had two records."""
    for (topic, partition), log in logs.partitions.items():
        for conflict in log.conflicts:
            known = "no log has" if conflict.known == NOTHING else f"had {unpacked(conflict.known)} before"
            yield Violation(
                RULE,
                f"{topic}-{partition}@{conflict.offset}: {conflict.source} of record "
                f"{unpacked(conflict.record)} at an offset that {known}",
                topic, partition, conflict.offset, *unpacked(conflict.record), operation=conflict.event,
            )  # fmt: skip
        for offset, (seen, told) in enumerate(zip(log.seen, log.acknowledged, strict=False)):
            if seen != told and NOTHING not in {seen, told}:
                yield Violation(
                    RULE,
                    f"{topic}-{partition}@{offset}: record {unpacked(told)} was acknowledged there, "
                    f"{unpacked(seen)} was read",
                    topic, partition, offset, *unpacked(told),
                )  # fmt: skip
