"""How long a coroutine runs, without the time it waits."""

import time
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any


class Stopwatch:
    """Runs while the coroutine that it was given does."""

    def __init__(self, now_ns: Callable[[], int] = time.perf_counter_ns) -> None:
        self._now_ns = now_ns
        self._before_ns = 0  # what earlier steps took
        self._since_ns = 0

    @property
    def elapsed_ns(self) -> int:
        """What it took until now: ask from within the coroutine."""
        return self._before_ns + self._now_ns() - self._since_ns

    @coroutine
    def time(self, timed: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Await `timed`, step by step."""
        sent: Any = None
        error: BaseException | None = None
        while True:
            self._since_ns = self._now_ns()
            try:
                waits_for = timed.send(sent) if error is None else timed.throw(error)
            except StopIteration as end:
                return end.value
            self._before_ns = self.elapsed_ns
            try:
                sent, error = (yield waits_for), None
            except BaseException as thrown:  # noqa: BLE001  whatever it is, it is meant for the coroutine
                error = thrown
