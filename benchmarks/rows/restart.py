"""Start with 10,000 partitions and a long log, after a clean stop and after kill -9.

Started is when ListOffsets has answered for every partition: a broker that opens its logs late does not gain by it.
"""

import time
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.filling import fill
from bench.trial import Trial, offsets
from bench.wire import LATEST, Connection

TITLE = "Restart with 10,000 partitions and a long log (--log-gb)"
NEEDS = "raw"
QUICK = False
TOPICS, PARTITIONS = 10, 1_000

FIGURES = [
    Figure("clean", "after a clean stop, to all offsets", "s", must=at_most(2.0), goal=at_most(1.0)),
    Figure("clean first", "after a clean stop, to the first answer", "s"),
    Figure("killed", "after kill -9, to all offsets", "s", must=at_most(2.0), goal=at_most(1.0)),
    Figure("killed first", "after kill -9, to the first answer", "s"),
    Figure("stop", "the clean stop itself", "s"),
    Figure("memory", "resident memory when started again", "MiB"),
]


def start(trial: Trial) -> tuple[float, float]:
    """Seconds from spawn to the first answer, and to the offsets of every partition."""
    began = time.perf_counter()
    first = trial.start() / 1e3
    connection = Connection(trial.port)
    for number in range(TOPICS):
        while offsets(connection, f"long-{number}", range(PARTITIONS), LATEST) is None:
            time.sleep(0.02)
    connection.close()
    return first, time.perf_counter() - began


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """The log is spread evenly over all partitions."""
    for number in range(TOPICS):
        fill(
            trial,
            trial.topic(f"long-{number}", PARTITIONS),
            PARTITIONS,
            trial.sizes.log_gb / TOPICS,
            batch_records=64,
        )
    began = time.perf_counter()
    trial.target.stop()
    stop = time.perf_counter() - began
    clean = start(trial)
    trial.target.kill()
    killed = start(trial)
    yield {
        "clean": clean[1],
        "clean first": clean[0],
        "killed": killed[1],
        "killed first": killed[0],
        "stop": stop,
        "memory": trial.resident_mib(),
    }
