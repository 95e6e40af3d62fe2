"""Bytes of answers that slow clients have not taken yet, bounded for the whole broker."""

import trio


class ResponseMemory:
    """Counts unsent response bytes; a Fetch waits while there is no room (other answers are small and always go)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
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
