"""Files and directories on their way out: renamed at once, unlinked when file.delete.delay.ms has passed."""

import heapq
import os

from kbroker.clock import Clock
from kbroker.storage.log.file_system import FileSystem

_PER_CALL = 256  # paths removed in one call, so that deleting a huge topic never holds up the broker for long


class Trash:
    """What to unlink, and when (ms since the epoch)."""

    def __init__(self, files: FileSystem, clock: Clock) -> None:
        """Empty, as after a start."""
        self._files = files
        self._clock = clock
        self._due: list[tuple[int, str]] = []
        self._latest_ms = 0

    def __len__(self) -> int:
        """How many paths wait."""
        return len(self._due)

    def add(self, path: str, delay_ms: int = 0) -> None:
        """Remove `path`, a file or a directory of files, once so much time has passed."""
        now_ms = self._clock.now_ms()
        self._it_is(now_ms)
        heapq.heappush(self._due, (now_ms + delay_ms, path))

    def remove_due(self, now_ms: int) -> None:
        """Remove some of what is due. What is already gone is no error. Raises OSError."""
        self._it_is(now_ms)
        for _ in range(_PER_CALL):
            if not self._due or self._due[0][0] > now_ms:
                return
            _, path = heapq.heappop(self._due)
            try:
                self._remove(path)
            except FileNotFoundError:
                continue

    def _it_is(self, now_ms: int) -> None:
        if now_ms < self._latest_ms:  # the clock was set back
            self._due = [(due_ms + now_ms - self._latest_ms, path) for due_ms, path in self._due]
        self._latest_ms = now_ms

    def _remove(self, path: str) -> None:
        if os.path.isdir(path):
            for name in os.listdir(path):
                self._remove(f"{path}/{name}")
            self._files.rmdir(path)
        else:
            self._files.unlink(path)
