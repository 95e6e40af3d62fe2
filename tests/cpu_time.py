"""What a call costs, for tests of texts that once took time in proportion to the square of their length."""

import gc
import time
from collections.abc import Callable

NOT_QUADRATIC_S = 1.0  # CPU; what is linear takes a tenth and less, what was not took many seconds


def cpu_s(call: Callable[[], object]) -> float:
    """The least CPU seconds of three calls, without what the garbage collector takes for all that other tests left."""
    gc.disable()
    try:
        return min(_once(call) for _ in range(3))
    finally:
        gc.enable()


def _once(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
