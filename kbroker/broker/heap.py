"""Memory that is free and yet the process's: what the C library keeps when a load has gone, given back.

glibc returns memory only from the end of its heap. Thousands of receive buffers leave holes in it, which would count as
the broker's until it stops.
"""

import sys
from collections.abc import Callable

WORTH_IT = 16 << 20  # bytes that were let go; giving them back takes some 10 ms


class Heap:
    """Gives memory back when much has been let go."""

    def __init__(self, trim: Callable[[], object] | None = None) -> None:
        self._trim = trim or give_back
        self._most = self._last = 0

    def tend(self, in_use: int) -> None:
        """Say now and then how many bytes clients make the broker hold."""
        self._most = max(self._most, in_use)
        falling, self._last = in_use < self._last, in_use
        if not falling and self._most - in_use >= WORTH_IT:
            self._most = in_use
            self._trim()


def give_back() -> bool:
    """Return what is free to the system. False where that can't be asked for: it needs glibc."""
    if sys.platform != "linux":
        return False
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))
