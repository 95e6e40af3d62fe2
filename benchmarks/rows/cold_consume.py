"""Consume what is on the disk only, with a producer beside whose p99 must not suffer."""

from collections.abc import Iterator

from bench.figures import Figure, at_least, at_most
from bench.filling import BATCH_RECORDS, fill
from bench.loads.batches import batch_of
from bench.page_cache import cached_bytes, evict
from bench.trial import Trial

TITLE = "Consume of cold data, a tenth of --log-gb"
NEEDS = "raw"
QUICK = False
WARM = True
BESIDE = 5e6
COLD_ENOUGH = 0.02
"""The share of the log that may still be cached: the end of the active segment comes back by itself."""

FIGURES = [
    Figure("rate", "raw, from the disk", "records/s", must=at_least(0.5), goal=at_least(1.0)),
    Figure("cpu", "broker CPU (with the 5 MB/s beside)", "s/GB", goal=at_most(1.0)),
    Figure("produce p99", "a 5 MB/s producer beside it, p99", "ms", must=at_most(2.0), goal=at_most(1.0)),
    Figure("produce p50", "a 5 MB/s producer beside it, p50", "ms"),
    Figure("cached", "of the log in the page cache before", "%"),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Segments are synced, dropped from the page cache, and looked at with mincore before they are read."""
    trial.require("admin")
    if not trial.target.durable:
        return
    topic, other = trial.topic("cold"), trial.topic("warm")
    records = fill(trial, topic, 1, trial.sizes.log_gb / 10)
    segments = [each for each in trial.target.data_dir.rglob("*") if each.is_file() and each.stat().st_size > 1 << 20
                and each.suffix in {".log", ".dat", ""}]  # fmt: skip
    wanted = {"topic": topic, "partitions": 1, "records": records, "batch_records": BATCH_RECORDS}
    client = trial.client(
        "raw_fetch", batch_bytes=len(batch_of(BATCH_RECORDS, 1024)), warm_up=False, **wanted
    )
    with trial.beside("raw_paced", topic=other, bytes_a_second=BESIDE, batch_records=16) as producer:
        evict(segments)
        size = sum(each.stat().st_size for each in segments)
        cached = sum(map(cached_bytes, segments)) / size if size else 1.0
        if cached > COLD_ENOUGH:
            raise RuntimeError(f"{cached:.0%} of {size / 1e6:.0f} MB stayed in the page cache")
        cpu = trial.cpu()
        client.go()
        result = client.result()
        spent = trial.cpu() - cpu
    yield {
        "rate": records / result["seconds"],
        "cpu": spent / (records * 1024 / 1e9),
        "produce p99": producer["p99_ms"],
        "produce p50": producer["p50_ms"],
        "cached": cached * 100,
    }
