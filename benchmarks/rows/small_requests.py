"""A hundred producers of 100-byte records that don't wait for more: a request each."""

from collections.abc import Iterator

from bench.figures import Figure, at_least, at_most
from bench.trial import Trial

TITLE = "Small requests: 100 producers, 100 B records, linger 0"
NEEDS = "raw"
QUICK = True
WARM = True
PRODUCERS, SECONDS = 100, 5

FIGURES = [
    Figure("rate", "requests", "requests/s", must=at_least(0.5), goal=at_least(1.0)),
    Figure("cpu", "broker CPU", "s/10,000 requests", goal=at_most(1.0)),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Each producer has a connection of its own and one request in flight."""
    topic, seconds = trial.topic("small", 12), SECONDS * max(0.2, trial.sizes.scale)
    outcome = trial.measure(
        "raw_small", topic=topic, partitions=12, producers=PRODUCERS, seconds=seconds, warm_up=2 * seconds
    )
    yield {"rate": outcome.rate, "cpu": outcome.broker_cpu / float(outcome.result["records"]) * 10_000}
