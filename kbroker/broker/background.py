"""Long jobs of the stores, beside everything else: they get about half of one core, in short slices."""

from collections.abc import Callable

import trio

SLICE_S = 0.001


class PacedBackground:
    """See `storage.interfaces.Background`. One for each run of a job.

    With `urgent`, as somebody waits for it, others have only their turn after each slice. `threads`: of that many
    it would be a thread each, which take the more of a core, but not all.
    """

    def __init__(self, *, urgent: bool = False, threads: int = 1) -> None:
        """The first slice begins now."""
        self._rest = 0.0 if urgent else 1 / threads  # for each second of work
        self._owed_s = 0.0
        self._began = trio.current_time()

    async def pause(self) -> None:
        """After a slice, leave the event loop alone: for as long as the slice took, with one thread."""
        used = trio.current_time() - self._began
        if used >= SLICE_S:
            await trio.sleep(used * self._rest)
            self._began = trio.current_time()

    async def throttle(self, size: int, bytes_per_second: float) -> None:
        """Wait as long as `size` bytes may take."""
        self._owed_s += size / bytes_per_second
        if self._owed_s >= SLICE_S:
            owed, self._owed_s = self._owed_s, 0.0
            await trio.sleep(owed)
            self._began = trio.current_time()

    async def run_blocking(self, call: Callable[[], None]) -> None:
        """In a worker thread; if the broker stops meanwhile, that waits for its end."""
        await trio.to_thread.run_sync(call)
        self._began = trio.current_time()
