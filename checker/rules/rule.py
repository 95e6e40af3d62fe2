"""The face of a rule."""

from collections.abc import Iterator
from typing import Protocol

from histories.events import Event

from rules.violation import Violation


class Rule(Protocol):
    """Sees every event once, in order, then says what was broken."""

    def observe(self, event: Event) -> None:
        """Take an event in."""

    def violations(self) -> Iterator[Violation]:
        """What was broken, after the last event."""
        ...
