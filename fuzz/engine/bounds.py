"""What one input may cost: seconds, and memory by its size."""

import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 20.0
MEMORY = 96 << 20  # what any input may take
MEMORY_OF_A_BYTE = 256  # what each of its bytes may take: a message of tiny structs is large as objects
_UNIT = 1 if sys.platform == "darwin" else 1024


class TooSlowError(Exception):
    """An input took too long, or was never done with."""


class TooLargeError(Exception):
    """An input took more memory than its size explains."""


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise TooSlowError in the block when it takes too long. For the main thread."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"not done after {SECONDS:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def peak_memory() -> int:
    """Bytes that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def bounded(check: Callable[[bytes], None], data: bytes) -> None:
    """Run one input. Raises what `check` raises, TooSlowError and TooLargeError."""
    before = peak_memory()
    with time_limit():
        check(data)
    grown = peak_memory() - before
    if grown > MEMORY + MEMORY_OF_A_BYTE * len(data):
        raise TooLargeError(f"{grown >> 20} MiB for {len(data)} bytes")
