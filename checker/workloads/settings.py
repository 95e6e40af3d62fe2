"""What a worker process is given, and what it tells. Standard library only: clients' interpreters run it."""

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from histories.recorder import Recorder

from workloads.patience import QUIET

PROGRESS_S = 0.25


class Worker(NamedTuple):
    """A workload's surroundings."""

    name: str
    seed: int
    proxy: int  # port
    direct: int  # port
    first_producer: int  # whose numbers follow are its own
    rate: float  # operations a second it should do
    recorder: Recorder
    stopping: threading.Event

    def rng(self, part: str) -> random.Random:
        """A source of chance for a part of the workload, from the seed."""
        return random.Random(f"{self.name} {part} {self.seed}")


def run(parts: Callable[[Worker], Sequence[Callable[[], None]]]) -> None:
    """Run a workload's parts, each in a thread, until standard input ends. An exception of one is told as `stuck`."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    recorder = Recorder(Path(given.pop("history")))
    worker = Worker(**given, recorder=recorder, stopping=QUIET)
    threads = [threading.Thread(target=guarded, args=(worker, part), daemon=True) for part in parts(worker)]
    for thread in threads:
        thread.start()
    threading.Thread(target=_stop_with_input, args=(worker.stopping,), daemon=True).start()
    while any(thread.is_alive() for thread in threads):
        recorder.flush()
        print(recorder.counted, flush=True)
        time.sleep(PROGRESS_S)
    recorder.flush()
    recorder.close()
    print(recorder.counted, flush=True)


def guarded(worker: Worker, part: Callable[[], None]) -> None:
    """Run a part; what it raises is a finding, for it copes with whatever faults explain."""
    try:
        part()
    except Exception as error:
        worker.recorder.info(worker.name, "stuck", what=f"{type(error).__name__}: {error}")
        raise


def _stop_with_input(stopping: threading.Event) -> None:
    sys.stdin.read()
    stopping.set()


class Pace:
    """Holds a rate of operations a second."""

    def __init__(self, rate: float) -> None:
        self._rate, self._due = rate, time.monotonic()

    def spend(self, operations: int) -> None:
        """Wait until so many more may be done; what was missed in a fault isn't made up for wholly."""
        now = time.monotonic()
        self._due = max(self._due, now - 1.0) + operations / self._rate
        if self._due > now:
            time.sleep(self._due - now)
