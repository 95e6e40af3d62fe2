"""Where a Fetch waits for min_bytes: answered or woken by appends to any of the partitions it reads.

The order that loses no wake-up: register, then look, then wait; whatever happens between two looks sets the event.

Apache Kafka completes a parked Fetch within the append that brings enough. So does this: to wake its task first takes
another turn of the event loop, a third of the time from a producer to a consumer.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

import trio
from attrs import define, field

from kbroker.broker.partition import Partition

ANSWERED_AT_ONCE = 4  # where more wait, their own tasks answer, so that the producer needn't wait for all

AnswerAtOnce = Callable[[Collection[Partition]], None]


@define(eq=False)
class FetchWaiter:
    """Counts what is appended while it is registered."""

    moved: bool = False  # a partition went away, or its bounds moved
    _missing: int = 0  # bytes that must still come
    _event: trio.Event = field(factory=trio.Event)
    _grown: set[Partition] = field(factory=set)
    _answer: AnswerAtOnce | None = None

    def arm(self, missing: int) -> None:
        """Wake up when `missing` more bytes can be read. Call before looking at what is there already."""
        self._missing = missing
        self._event = trio.Event()
        self._grown.clear()
        self._answer = None

    def found(self, size: int) -> None:
        """`size` bytes were there already: that many fewer are missing."""
        self._missing -= size

    async def wait(self, answer: AnswerAtOnce | None = None) -> None:
        """Return when enough came since `arm`, or something changed.

        If it is enough, `answer` may have been called with the partitions that grew, by whoever appended to one.
        """
        self._answer = answer
        await self._event.wait()

    def grown(self, partition: Partition, size: int) -> None:
        """See `Waiter`."""
        self._missing -= size
        self._grown.add(partition)
        if self._missing > 0 or self._event.is_set():
            return
        if self._answer is not None and len(partition.waiters) <= ANSWERED_AT_ONCE:
            try:  # noqa: SIM105  a third of the calls of suppress
                self._answer(self._grown)
            except Exception:  # noqa: BLE001, S110  the one that waits meets it again
                pass
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
