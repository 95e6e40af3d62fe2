"""Where a Fetch waits for min_bytes: woken by appends to any of the partitions it reads.

The order that loses no wake-up: register, then look, then wait; whatever happens between two looks sets the event.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import trio
from attrs import define, field

from kbroker.broker.partition import Partition


@define(eq=False)
class FetchWaiter:
    """Counts what is appended while it is registered."""

    moved: bool = False  # a partition went away, or its bounds moved
    _missing: int = 0  # bytes that must still come
    _event: trio.Event = field(factory=trio.Event)

    def arm(self, missing: int) -> None:
        """Wake up when `missing` more bytes can be read. Call before looking at what is there already."""
        self._missing = missing
        self._event = trio.Event()

    def found(self, size: int) -> None:
        """`size` bytes were there already: that many fewer are missing."""
        self._missing -= size

    async def wait(self) -> None:
        """Return when enough came since `arm`, or something changed."""
        await self._event.wait()

    def grown(self, size: int) -> None:
        """See `Waiter`."""
        self._missing -= size
        if self._missing <= 0:
            self._event.set()

    def changed(self) -> None:
        """See `Waiter`."""
        self.moved = True
        self._event.set()


@contextmanager
def waiting_for(partitions: Iterable[Partition]) -> Iterator[FetchWaiter]:
    """Register a waiter with all of `partitions` for as long as the block runs."""
    waiter = FetchWaiter()
    registered = list(partitions)
    for partition in registered:
        partition.waiters.add(waiter)
    try:
        yield waiter
    finally:
        for partition in registered:
            partition.waiters.discard(waiter)
