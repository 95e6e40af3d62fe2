"""Five thousand connections that do nothing: what they keep in memory, and what CPU they take."""

import time
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.trial import Trial

TITLE = "5,000 idle connections"
NEEDS = ""
QUICK = False
CONNECTIONS, SECONDS = 5_000, 20.0

FIGURES = [
    Figure("memory", "resident memory with them", "MiB", must=at_most(0.5)),
    Figure("growth", "what they added", "MiB"),
    Figure("cpu", "CPU while they idle", "% of a core", must=at_most(0.5)),
    Figure("opening", "CPU to accept 5,000 and answer ApiVersions", "s"),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Each connection has asked for ApiVersions once."""
    seconds, before, cpu = max(2.0, SECONDS * trial.sizes.scale), trial.resident_mib(), trial.cpu()
    client = trial.client("raw_idle", connections=CONNECTIONS)
    opening = trial.cpu() - cpu
    client.go()
    time.sleep(1)
    cpu, began = trial.cpu(), time.perf_counter()
    time.sleep(seconds)
    idle = (trial.cpu() - cpu) / (time.perf_counter() - began) * 100
    memory = trial.resident_mib()
    client.stop()
    client.result()
    yield {"memory": memory, "growth": memory - before, "cpu": idle, "opening": opening}
