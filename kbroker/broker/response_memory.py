"""Bytes of answers that slow clients have not taken yet, bounded for the whole broker."""

import trio


class ResponseMemory:
    """Counts unsent response bytes; a Fetch waits while there is no room.

    Other answers are small and always go. If they exceed the limit, who has been slow for longest is given up.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slow: dict[trio.CancelScope, None] = {}  # since when: in order
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

    def hold(self, size: int) -> None:
        """Count `size` bytes that a socket did not take at once."""
        self._held += size
        if self._held > self._limit and len(self._slow) > 1:
            longest = next(iter(self._slow))
            del self._slow[longest]
            longest.cancel()

    def is_slow(self, sending: trio.CancelScope) -> None:
        """A client doesn't take its answers at once: sending them may be cancelled for those of others."""
        self._slow[sending] = None

    def is_done(self, sending: trio.CancelScope) -> None:
        """It has taken them, or is gone."""
        self._slow.pop(sending, None)

    def release(self, size: int) -> None:
        """The bytes went out, or their connection is gone."""
        self._held -= size
        if self._held < self._limit:
            self._room.set()
            self._room = trio.Event()

    async def wait_for_room(self) -> None:
        """Return when something can be held again."""
        while self._held >= self._limit:
            await self._room.wait()
