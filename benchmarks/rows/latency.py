"""One record from a producer to a consumer that waits for it, alone, and beside 50 MB/s of other records."""

from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.trial import Trial

TITLE = "One record end to end"
NEEDS = "raw"
QUICK = True
WARM = True
RECORDS, BESIDE = 3_000, 50e6

FIGURES = [
    Figure("alone p50", "alone, p50", "ms", must=at_most(0.5)),
    Figure("alone p99", "alone, p99", "ms", must=at_most(0.5)),
    Figure("beside p50", "beside 50 MB/s, p50", "ms", goal=at_most(0.5)),
    Figure("beside p99", "beside 50 MB/s, p99", "ms", goal=at_most(0.5)),
    Figure("beside MB/s", "the load beside it", "MB/s"),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """The record is sent when the Fetch waits at the broker."""
    topic, other = trial.topic("latency"), trial.topic("beside")
    records = trial.sizes.of(RECORDS, 200)
    alone = trial.measure("raw_latency", topic=topic, records=records, warm_up=records).result
    with trial.beside("raw_paced", topic=other, bytes_a_second=BESIDE) as load:
        beside = trial.measure("raw_latency", topic=topic, records=records, warm_up=records // 4).result
    yield {
        "alone p50": alone["p50_ms"],
        "alone p99": alone["p99_ms"],
        "beside p50": beside["p50_ms"],
        "beside p99": beside["p99_ms"],
        "beside MB/s": load["bytes_a_second"] / 1e6,
    }
