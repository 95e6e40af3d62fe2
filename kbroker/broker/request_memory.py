"""Memory of large requests that are being received, bounded for the whole broker (the aim of KIP-72).

Apache Kafka counts what a request's size claims. Here what was received counts, since a claim costs a client nothing:

- a receive buffer grows only as bytes come; one that has more than `UNCOUNTED` is counted
- a connection whose buffer would exceed the limit isn't read from until there is room; who came first is next
- one connection at a time may exceed it, so that a request gets on whatever the others wait for
- requests above `COMMON` have three quarters of the limit and the others the rest: what most clients send never waits
  for what few do
"""

from __future__ import annotations

from collections import deque

import trio
from attrs import define, field

UNCOUNTED = 16 * 1024  # bytes of a receive buffer, enough for most requests
COMMON = 2 << 20  # bytes of a request; the defaults of Kafka's producers and brokers are 1 MiB
DEFAULT_LIMIT = 128 << 20


@define(eq=False)
class _Waiter:
    connection: int
    size: int
    since: float
    event: trio.Event = field(factory=trio.Event)


class _Pool:
    """Bytes that connections hold, by their numbers."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self.waiters: deque[_Waiter] = deque()
        self._sizes: dict[int, int] = {}
        self._exempt: int | None = None

    async def grow(self, connection: int, size: int) -> None:
        if not (self.waiters and self._exempt != connection) and self._admit(connection, size):
            return
        waiter = _Waiter(connection, size, trio.current_time())
        self.waiters.append(waiter)
        try:
            await waiter.event.wait()
        finally:
            if not waiter.event.is_set():
                self.waiters.remove(waiter)

    def hold(self, connection: int, size: int) -> None:
        """What a connection holds while it doesn't ask for more."""
        if self._exempt == connection:
            self._exempt = None
        self._count(connection, size)
        while self.waiters and self._admit(self.waiters[0].connection, self.waiters[0].size):
            self.waiters.popleft().event.set()

    def hinders(self, connection: int, before: float) -> bool:
        return connection in self._sizes and bool(self.waiters) and self.waiters[0].since <= before

    def _admit(self, connection: int, size: int) -> bool:
        if self.held + size - self._sizes.get(connection, 0) > self.limit:
            if self._exempt not in {None, connection}:
                return False
            self._exempt = connection
        self._count(connection, size)
        return True

    def _count(self, connection: int, size: int) -> None:
        self.held += size - self._sizes.pop(connection, 0)
        if size:
            self._sizes[connection] = size


class RequestMemory:
    """Who holds how many bytes, by the number of the connection.

    limit: `queued.max.request.bytes`; 0 or less, which is no limit to Apache Kafka, is DEFAULT_LIMIT
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit if limit > 0 else DEFAULT_LIMIT
        common = self.limit // 4
        self._common, self._large = _Pool(common), _Pool(self.limit - common)

    @property
    def held(self) -> int:
        """Bytes that are counted."""
        return self._common.held + self._large.held

    async def grow(self, connection: int, size: int, request: int) -> None:
        """Wait until a connection's buffer may have `size` bytes, on the way to a request of `request` bytes."""
        pool, other = (self._common, self._large) if request <= COMMON else (self._large, self._common)
        await pool.grow(connection, size)
        other.hold(connection, 0)  # what it had until now

    def hold(self, connection: int, size: int) -> bool:
        """A connection's buffer has `size` bytes, and needs no more for now; whether it should give them back."""
        pool, other = (self._common, self._large) if size <= COMMON else (self._large, self._common)
        other.hold(connection, 0)
        pool.hold(connection, size if size > UNCOUNTED else 0)
        return pool.held > pool.limit // 2

    def has_spare(self, size: int) -> bool:
        """Whether so many bytes may be held without need: far from where `hold` wants them back."""
        return self._common.held + size <= self._common.limit // 4

    def gone(self, connection: int) -> None:
        """It holds nothing any more."""
        self._common.hold(connection, 0)
        self._large.hold(connection, 0)

    def hinders(self, connection: int, before: float) -> bool:
        """Whether it holds some of what others have been waiting for since `before` (trio's time) or longer."""
        return self._common.hinders(connection, before) or self._large.hinders(connection, before)
