"""Answers are those that faults explain, and once there are no more faults everything works."""

from collections.abc import Iterator

from histories.events import Event

from rules.logs import Logs
from rules.violation import Violation

RULE = "errors are explained"
ALIVE = "everything works when faults have ended"
OFFSET_OUT_OF_RANGE = 1
RETRIABLE = {3, 5, 6, 7, 8, 9, 13, 14, 15, 16}
OF_GROUPS = {22, 25, 27, 79}  # generation, member id, rebalance, and a member id is required (KIP-394)
EXPLAINED = {
    "append": RETRIABLE | {51},
    "end": RETRIABLE | {51},
    "read": RETRIABLE,
    "commit": RETRIABLE | OF_GROUPS,
    "committed": RETRIABLE | {88},
    "owned": RETRIABLE | OF_GROUPS,
    "fence": RETRIABLE | {51},
}
"""Error codes of the protocol by kind of operation. Those a client expects, it doesn't record."""


class Answers:
    """Looks at every error and at what was stuck."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._found: list[Violation] = []

    def observe(self, event: Event) -> None:
        """Take an event in."""
        operation = event.process, event.operation
        if event.kind in {"stuck", "traceback"}:
            rule = ALIVE if event.kind == "stuck" else RULE
            self._found.append(Violation(rule, f"{event.process}: {event.kind}, {event.data['what']}"))
            return
        error = event.data.get("error")
        if event.type not in {"fail", "unknown"} or not isinstance(error, int):
            return
        topic = self._logs.topics.get(event.data.get("topic", ""))
        if error == OFFSET_OUT_OF_RANGE and event.kind == "read" and topic and topic.trimmed:
            return
        if error not in EXPLAINED.get(event.kind, RETRIABLE):
            text = f"{event.process}: {event.kind} ended with error {error}, {event.data}"
            self._found.append(Violation(RULE, text, operation=operation))

    def violations(self) -> Iterator[Violation]:
        """Everything unexplained."""
        return iter(self._found)
