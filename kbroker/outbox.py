"""Small answers, gathered until the event loop has nothing else to do, and sent one after the other.

To send wakes a client that sleeps, which costs three times as much as sending to one that is awake. A client process
with many connections sleeps while nothing comes: so answers for it leave in a row, and it is woken once.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import trio

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_S: Final = 0.0005  # an answer is held no longer, or until the task at hand suspends


class Sender(Protocol):
    """A connection that has gathered answers."""

    def send_gathered(self, now: float) -> None:
        """Send them, if there are any left. `now` is trio's time. Never raises."""
        ...


class Outbox(trio.abc.Instrument):
    """Connections whose answers are to leave before the event loop waits."""

    def __init__(self) -> None:
        self._due: list[Sender] = []
        self._since = 0.0

    def add(self, connection: Sender, now: float) -> None:
        """Have `connection.send_gathered` called soon. `now` is trio's time, or a little earlier."""
        if not self._due:
            self._since = now
        self._due.append(connection)
        if now - self._since > LONGEST_S:
            self.send()

    def send(self) -> None:
        """Send what was gathered."""
        if not self._due:
            return
        due, self._due = self._due, []
        now = trio.current_time()
        for connection in due:
            connection.send_gathered(now)

    def before_io_wait(self, timeout: float) -> None:  # noqa: ARG002  trio's to say
        """See `trio.abc.Instrument`: every task that could run has had its turn."""
        self.send()


@contextmanager
def gathering() -> Iterator[Outbox]:
    """An outbox whose answers leave, for as long as the block runs."""
    outbox = Outbox()
    trio.lowlevel.add_instrument(outbox)
    try:
        yield outbox
    finally:
        trio.lowlevel.remove_instrument(outbox)
