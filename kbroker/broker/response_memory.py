"""Bytes of answers that slow clients have not taken yet, bounded for the whole broker."""

import trio
from attrs import define

ALWAYS = 64 * 1024  # bytes of an answer that goes in any case; the kernel takes as much from who keeps up
PATIENCE_S = 1.0


@define
class _Slow:
    since: float
    size: int


class ResponseMemory:
    """Counts unsent response bytes, by the scopes in which they are sent; a Fetch of more than `ALWAYS` waits while
    there is no room.

    Smaller answers always go. If they exceed the limit, who has been slow for longest is given up; so is who has been
    slow for `PATIENCE_S` when a Fetch must wait.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slow: dict[trio.CancelScope, _Slow] = {}  # who has been slow for longest is first
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

    def hold(self, sending: trio.CancelScope, size: int) -> None:
        """A client has not taken `size` bytes of its answers at once: sending them may be cancelled for others.

        0 when it has taken them, or is gone.
        """
        if size and sending.cancel_called:
            return  # they are let go as soon as its task runs, and don't count any more
        more = self._count(sending, size)
        while more > 0 and self._held > self._limit and len(self._slow) > 1:
            self._give_up(next(iter(self._slow)))
        if self._held < self._limit:
            self._room.set()
            self._room = trio.Event()

    async def wait_for_room(self) -> None:
        """Return when something can be held again."""
        while self._held >= self._limit:
            longest = next(iter(self._slow), None)
            if longest is not None and self._slow[longest].since <= trio.current_time() - PATIENCE_S:
                self._give_up(longest)
                continue
            with trio.move_on_after(PATIENCE_S):
                await self._room.wait()

    def _give_up(self, sending: trio.CancelScope) -> None:
        """Its bytes are let go as soon as its task runs."""
        self._count(sending, 0)
        sending.cancel()

    def _count(self, sending: trio.CancelScope, size: int) -> int:
        slow = self._slow.get(sending)
        more = size - (slow.size if slow else 0)
        self._held += more
        if not size:
            self._slow.pop(sending, None)
        elif slow:
            slow.size = size
        else:
            self._slow[sending] = _Slow(trio.current_time(), size)
        return more
