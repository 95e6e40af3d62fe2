"""Bytes of answers that slow clients have not taken yet, bounded for the whole broker."""

import trio

ALWAYS = 64 * 1024  # bytes of an answer that goes in any case; the kernel takes as much from who keeps up
PATIENCE_S = 1.0


class ResponseMemory:
    """Counts unsent response bytes; a Fetch of more than `ALWAYS` waits while there is no room.

    Smaller answers always go. If they exceed the limit, who has been slow for longest is given up; so is who has been
    slow for `PATIENCE_S` when a Fetch must wait.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slow: dict[trio.CancelScope, float] = {}  # since when, in order
        self._given_up: trio.CancelScope | None = None  # whose memory comes back in a moment
        self._held = 0
        self._room = trio.Event()

    @property
    def held(self) -> int:
        """Bytes that wait for clients to read them."""
        return self._held

    @property
    def room(self) -> int:
        """Bytes that may still be held, 0 when full. `ALWAYS` is not in it."""
        return max(0, self._limit - self._held)

    def hold(self, size: int) -> None:
        """Count `size` bytes that a socket did not take at once."""
        self._held += size
        if self._held > self._limit and len(self._slow) > 1:
            self._give_up(next(iter(self._slow)))

    def is_slow(self, sending: trio.CancelScope) -> None:
        """A client doesn't take its answers at once: sending them may be cancelled for those of others."""
        self._slow[sending] = trio.current_time()

    def is_done(self, sending: trio.CancelScope) -> None:
        """It has taken them, or is gone."""
        self._slow.pop(sending, None)
        if self._given_up is sending:
            self._given_up = None

    def release(self, size: int) -> None:
        """The bytes went out, or their connection is gone."""
        self._held -= size
        if self._held < self._limit:
            self._room.set()
            self._room = trio.Event()

    async def wait_for_room(self) -> None:
        """Return when something can be held again."""
        while self._held >= self._limit:
            self._give_up_one_for_others()
            with trio.move_on_after(PATIENCE_S):
                await self._room.wait()

    def _give_up_one_for_others(self) -> None:
        if self._slow and self._given_up is None:
            longest, since = next(iter(self._slow.items()))
            if since <= trio.current_time() - PATIENCE_S:
                self._give_up(longest)

    def _give_up(self, sending: trio.CancelScope) -> None:
        del self._slow[sending]
        self._given_up = sending
        sending.cancel()
