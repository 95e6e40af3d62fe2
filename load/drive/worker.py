"""A client process that tells, whenever it is asked, what it did since it was asked last.

A module that is a worker has `async def work(counts, *, port, …)`, which calls `ready()` once it is at full load and
goes on until it is cancelled, and ends with `worker.run(work)`. What raises in it ends the process.
"""

import json
import logging
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import trio
from bench.clients import BENCHMARKS, ClientProcess
from harness.paths import COMPAT

LOAD = Path(__file__).resolve().parent.parent
Counts = Counter[str]
Work = Callable[..., Awaitable[None]]
END_S = 30.0


class Worker(ClientProcess):
    """A worker, as whoever started it sees it."""

    paths = (LOAD, LOAD.parent / "fuzz", BENCHMARKS, COMPAT)

    def __init__(self, module: str, **arguments: Any) -> None:
        self.package, _, name = module.rpartition(".")
        super().__init__(name, **arguments)

    @property
    def python(self) -> Path:
        """The running one: it has all that workers need."""
        return Path(sys.executable)

    def figures(self) -> dict[str, Any]:
        """What it counted since it was asked last. RuntimeError if it failed."""
        with suppress(BrokenPipeError):
            self.go()
        figures: dict[str, Any] = json.loads(self.line())
        return figures

    def end(self) -> None:
        """Have it close its connections and end."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, if it runs."""
        self._process.kill()
        self._process.wait()


def run(work: Work, figures: Callable[[Counts], dict[str, Any]] = dict) -> None:
    """Be a worker, with the arguments of the command line, a JSON object. `figures` makes of counts what is told."""
    logging.disable()  # nobody reads it
    allow_many_connections()
    one_error = {"strict_exception_groups": False}  # its last line is what the other side tells
    trio.run(_run, partial(work, **json.loads(sys.argv[1])), figures, **one_error)
    os._exit(0)  # clients with threads of their own take their time to leave


async def _run(work: Work, figures: Callable[[Counts], dict[str, Any]]) -> None:
    counts: Counts = Counter()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(work, counts, ready=lambda: print("ready", flush=True)))
        while await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
            print(json.dumps(figures(counts)), flush=True)
            counts.clear()
        nursery.cancel_scope.cancel()


def allow_many_connections() -> None:
    """Let this process, and those that it starts, open as many descriptors as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
