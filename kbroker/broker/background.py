"""Long jobs of the stores, beside everything else: they get about half of one core, in short slices."""

from collections.abc import Callable

import trio

SLICE_S = 0.001


class PacedBackground:
    """See `storage.interfaces.Background`. One for each run of a job.

    With `urgent`, as somebody waits for it, others have only their turn after each slice.
    """

    def __init__(self, *, urgent: bool = False) -> None:
        """The first slice begins now."""
        self._urgent = urgent
        self._began = trio.current_time()

    async def pause(self) -> None:
        """After a slice, leave the event loop alone for as long as the slice took."""
        used = trio.current_time() - self._began
        if used >= SLICE_S:
            await trio.sleep(0 if self._urgent else used)
            self._began = trio.current_time()

    async def throttle(self, size: int, bytes_per_second: float) -> None:
        """Wait as long as `size` bytes may take."""
        wait = size / bytes_per_second
        if wait >= SLICE_S:
            await trio.sleep(wait)
            self._began = trio.current_time()

    async def run_blocking(self, call: Callable[[], None]) -> None:
        """In a worker thread; if the broker stops meanwhile, that waits for its end."""
        await trio.to_thread.run_sync(call)
        self._began = trio.current_time()
