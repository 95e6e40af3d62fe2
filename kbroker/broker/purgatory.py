"""Where Fetches wait for min_bytes: woken by appends to any of the partitions they read, or answered by who appends.

The order that loses no wake-up: register, then look, then wait; whatever happens between two looks sets the event.

To wake a Fetch's own task takes another turn of the event loop, a third of the time from a producer to a consumer. So a
Produce, once it has appended all it brought, answers those that it woke, as in Apache Kafka. Whom it doesn't answer, or
where nobody does, the Fetch's own task answers.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

import trio
from attrs import define, field

from kbroker.broker.partition import Partition
from kbroker.limited_log import LimitedLog

ANSWERED_AT_ONCE = 4  # of more their own tasks answer, so that the producer needn't wait for all

AnswerAtOnce = Callable[[Collection[Partition]], None]


class Purgatory:
    """All Fetches of a broker that wait."""

    def __init__(self, limited_log: LimitedLog) -> None:
        """Nobody waits."""
        self._limited_log = limited_log
        self._due: dict[FetchWaiter, None] = {}  # woken, but their tasks have not had their turn; in order

    @contextmanager
    def waiting_for(self, partitions: Iterable[Partition]) -> Iterator["FetchWaiter"]:
        """Register a waiter with all of `partitions` for as long as the block runs."""
        waiter = FetchWaiter(self._due)
        registered = list(partitions)
        for partition in registered:
            partition.waiters.add(waiter)
        try:
            yield waiter
        finally:
            for partition in registered:
                partition.waiters.discard(waiter)

    def answer_due(self) -> None:
        """Answer those that have what they waited for by now, if they are few. Never raises."""
        if not self._due:
            return
        due = list(self._due)
        self._due.clear()
        if len(due) > ANSWERED_AT_ONCE:
            return
        for waiter in due:
            try:
                waiter.answer()
            except Exception:  # noqa: BLE001  its own task answers
                self._limited_log.exception("parked fetch", "a parked Fetch could not be answered at once")


@define(eq=False)
class FetchWaiter:
    """Counts what is appended while it is registered."""

    _due: dict["FetchWaiter", None]
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

    def found(self, size: int) -> None:
        """`size` bytes were there already: that many fewer are missing."""
        self._missing -= size

    async def wait(self, answer: AnswerAtOnce | None = None) -> None:
        """Return when enough came since `arm`, or something changed.

        If it is enough, `answer` may have been called with the partitions that grew, by whoever appended to them.
        """
        self._answer = answer
        try:
            await self._event.wait()
        finally:
            self._answer = None
            self._due.pop(self, None)

    def answer(self) -> None:
        """Let what `wait` was given answer, with all that grew."""
        if self._answer is not None:
            self._answer(self._grown)

    def grown(self, partition: Partition, size: int) -> None:
        """See `Waiter`."""
        self._missing -= size
        self._grown.add(partition)
        if self._missing > 0 or self._event.is_set():
            return
        if self._answer is not None:
            self._due[self] = None
        self._event.set()

    def changed(self) -> None:
        """See `Waiter`."""
        self.moved = True
        self._due.pop(self, None)
        self._event.set()
