"""Bytes of answers that slow clients have not taken yet, bounded for the whole broker."""

import trio


class ResponseMemory:
    """Counts unsent response bytes, by the scopes in which they are sent; a Fetch waits while there is no room.

    Other answers are small and always go. If they exceed the limit, who has been slow for longest is given up.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._sizes: dict[trio.CancelScope, int] = {}  # who has been slow for longest is first
        self._held = 0
        self._room = trio.Event()

    @property
    def held(self) -> int:
        """Bytes that wait for clients to read them."""
        return self._held

    @property
    def room(self) -> int:
        """Bytes that may still be held, 0 when full."""
        return max(0, self._limit - self._held)

    def hold(self, sending: trio.CancelScope, size: int) -> None:
        """A client has not taken `size` bytes of its answers at once: sending them may be cancelled for others.

        0 when it has taken them, or is gone.
        """
        if size and sending.cancel_called:
            return  # they are let go as soon as its task runs, and don't count any more
        more = self._count(sending, size)
        if more > 0:
            while self._held > self._limit and len(self._sizes) > 1:
                longest = next(iter(self._sizes))
                self._count(longest, 0)
                longest.cancel()
        if self._held < self._limit:
            self._room.set()
            self._room = trio.Event()

    async def wait_for_room(self) -> None:
        """Return when something can be held again."""
        while self._held >= self._limit:
            await self._room.wait()

    def _count(self, sending: trio.CancelScope, size: int) -> int:
        more = size - self._sizes.get(sending, 0)
        if size:
            self._sizes[sending] = size
        else:
            self._sizes.pop(sending, None)
        self._held += more
        return more
