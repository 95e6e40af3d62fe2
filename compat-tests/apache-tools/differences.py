"""What the tools may print otherwise than against Apache Kafka, each with its reason; all else fails the run."""

import re

from attrs import frozen

from kbroker.config.different_defaults import DIFFERENT_DEFAULTS


@frozen
class Difference:
    """In a transcript, what `pattern` (for a line) matches, in either output, is not compared."""

    transcript: str
    pattern: str
    reason: str


LATER = "68|69|7[6-9]|8[3-9]|9[0-2]"  # keys
OTHERWISE_SET = "|".join(
    re.escape(name)
    for name in (
        *DIFFERENT_DEFAULTS,
        "advertised.listeners",
        "controller.listener.names",
        "controller.quorum.bootstrap.servers",
        "inter.broker.listener.name",
        "process.roles",
    )
)

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "cluster",
        r"(?<=Epoch: )\d+$|^0\s+<id>\s+\d+\s*|(?<=^HighWatermark:)\s+\d+",
        "how many changes came before",
    ),
    Difference("cluster", r'"(CONTROLLER|PLAINTEXT)://', "there is no controller's listener"),
    Difference(
        "cluster", r"^Feature: (group|share|streams)\.version .*", "the newer group protocols are not served"
    ),
    Difference("cluster", rf"^\t\w+\(({LATER})\): .*", "the newer group protocols are not served"),
    Difference("configs", rf"^  ({OTHERWISE_SET})=.*", "another default, or a setting of the controller's"),
    Difference(
        "configs", r"(?<=InvalidRequestException: ).*(by zero|at least 1)$", "the reason, not what came of it"
    ),
    Difference("configs", r"^  (root|kbroker|org\.apache)[\w.]*=.*", "each program has loggers of its own"),
    Difference(
        "configs",
        r"(?<=Invalid value x for configuration retention\.ms: ).*",
        "what is allowed, in other words",
    ),
)


def compared(transcript: str, lines: list[str]) -> tuple[list[str], set[Difference]]:
    """The lines that count, with what may differ replaced, and the differences that met any.

    Lines that may differ as a whole may be missing too.
    """
    met = set()
    for difference in DIFFERENCES:
        if difference.transcript == transcript:
            replaced = [re.sub(difference.pattern, "<differs>", line) for line in lines]
            if replaced != lines:
                met.add(difference)
            lines = [line for line in replaced if line != "<differs>"]
    return lines, met
