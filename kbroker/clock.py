"""Time as the broker sees it: passed in, so that tests own it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Source of wall-clock time. Durations and timeouts are trio's business, not this clock's."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        ...


class SystemClock:
    """The machine's wall clock."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000
