"""Trying again: without end while there are faults, and not for ever once they have ended. Standard library only."""

import threading
import time

STUCK_AFTER_S, RETRY_S = 30.0, 0.02

QUIET = threading.Event()
"""Set in a process when faults have ended: before, nothing can be told from bad luck."""


class StuckError(Exception):
    """What must work in the end doesn't."""


class Patience:
    """Ends what is tried again and again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._deadline: float | None = None

    def wait(self, why: object = "") -> None:
        """Wait a little before the next try. Raises StuckError when faults ended too long ago."""
        now = time.monotonic()
        if QUIET.is_set():
            self._deadline = self._deadline or now + STUCK_AFTER_S
            if now > self._deadline:
                raise StuckError(f"{self._what}: {why}")
        time.sleep(RETRY_S)
