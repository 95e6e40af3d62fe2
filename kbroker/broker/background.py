"""Long jobs of the stores, beside everything else: they get about half of one core, in short slices."""

from collections.abc import Callable

import trio

SLICE_S = 0.001


class PacedBackground:
    """See `storage.interfaces.Background`. One for each run of a job."""

    def __init__(self) -> None:
        """The first slice begins now."""
        self._began = trio.current_time()

    async def pause(self) -> None:
        """After a slice, leave the event loop alone for as long as the slice took."""
        used = trio.current_time() - self._began
        if used >= SLICE_S:
            await trio.sleep(used)
            self._began = trio.current_time()

    async def run_blocking(self, call: Callable[[], None]) -> None:
        """In a worker thread; if the broker stops meanwhile, that waits for its end."""
        await trio.to_thread.run_sync(call)
        self._began = trio.current_time()
