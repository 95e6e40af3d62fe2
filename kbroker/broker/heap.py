"""Memory that is free and yet the process's: what the C library keeps when a load has gone, given back.

glibc returns memory only from the end of its heap. Thousands of receive buffers leave holes in it, which would count as
the broker's until it stops.
"""

import sys
from collections.abc import Callable
from functools import cache
from math import inf

WORTH_IT = 16 << 20  # bytes that were let go; giving them back takes some 10 ms
NOT_AGAIN_S = 10.0  # a load that comes and goes mustn't cost that every time


class Heap:
    """Gives memory back when much has been let go."""

    def __init__(self, trim: Callable[[], object] | None = None) -> None:
        self._trim = trim or give_back
        self._most = self._last = 0
        self._trimmed = -inf

    def tend(self, in_use: int, now: float) -> None:
        """Say now and then (seconds of any clock) how many bytes clients make the broker hold."""
        self._most = max(self._most, in_use)
        falling, self._last = in_use < self._last, in_use
        if not falling and self._most - in_use >= WORTH_IT and now - self._trimmed >= NOT_AGAIN_S:
            self._most, self._trimmed = in_use, now
            self._trim()


def give_back() -> bool:
    """Return what is free to the system. False where that can't be asked for: it needs glibc."""
    trim = _malloc_trim()
    return trim is not None and bool(trim(0))


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (ImportError, OSError, AttributeError):  # no libffi, linked statically, another C library
        return None
    return trim
