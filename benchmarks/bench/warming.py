"""The same work for every broker before anything is measured: a JVM is slow until it has compiled what it runs."""

from bench.loads.batches import batch_of
from bench.trial import Trial

SECONDS, REQUESTS, PARTITIONS, BATCH_RECORDS = 8.0, 3_000, 12, 64
PRODUCERS = 16


def warm(trial: Trial) -> None:
    """Small requests, then large ones, then fetches, each as the rows have them. Less of it at a small scale."""
    share = min(1.0, trial.sizes.scale * 2)
    small, large = trial.topic("warm-small", PARTITIONS), trial.topic("warm-large", PARTITIONS)
    alike = {"partitions": PARTITIONS}
    trial.measure(
        "raw_small", topic=small, producers=PRODUCERS, seconds=0.1, warm_up=SECONDS * share, **alike
    )
    requests = {"requests": int(REQUESTS * share), "warm_up": 0, "batch_records": BATCH_RECORDS}
    records = trial.measure("raw_produce", topic=large, **requests, **alike).result["records"]
    batches = {"batch_records": BATCH_RECORDS, "batch_bytes": len(batch_of(BATCH_RECORDS, 1024))}
    trial.measure("raw_fetch", topic=large, records=records, **batches, **alike)
    trial.loader_shares.clear()
