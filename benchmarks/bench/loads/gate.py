"""How a client process waits for its start: warm up, say "ready", wait for a line, measure, print JSON.

A load is a generator function: what comes before its one `yield` is the warm-up, what it returns is the result.
"""

import json
import os
import select
import sys
import time
from collections.abc import Callable, Generator
from typing import Any

Load = Callable[..., Generator[None, None, dict[str, Any]]]


def told_to_stop() -> bool:
    """Whether the harness has sent another line, which asks a load without an end to end."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def run(load: Load) -> None:
    """Run the load with the arguments of the command line, a JSON object."""
    running = load(**json.loads(sys.argv[1]))
    next(running)
    print("ready", flush=True)
    os.read(0, 1024)
    cpu, began = time.process_time(), time.perf_counter()
    try:
        next(running)
    except StopIteration as end:
        wall = time.perf_counter() - began
        print(json.dumps({"seconds": wall, "client_cpu": time.process_time() - cpu} | end.value), flush=True)
        os._exit(0)  # clients with threads of their own take their time to leave
