"""What the tools may print otherwise than against Apache Kafka, each with its reason; all else fails the run."""

import re

from attrs import frozen


@frozen
class Difference:
    """In a transcript, what `pattern` (for a line) matches, in either output, is not compared."""

    transcript: str
    pattern: str
    reason: str


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "cluster",
        r"(?<=Epoch: )\d+$|^0\s+<id>\s+\d+|(?<=^HighWatermark:)\s+\d+",
        "how many changes came before",
    ),
    Difference("cluster", r'"CONTROLLER://', "there is no controller's listener"),
)


def compared(transcript: str, lines: list[str]) -> tuple[list[str], set[Difference]]:
    """The lines that count, with what may differ replaced, and the differences that met any."""
    met = set()
    for difference in DIFFERENCES:
        if difference.transcript == transcript:
            replaced = [re.sub(difference.pattern, "<differs>", line) for line in lines]
            if replaced != lines:
                met.add(difference)
            lines = replaced
    return lines, met
