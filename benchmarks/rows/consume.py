"""Consume what lies in the page cache, from 1 and 12 partitions: how fast, and at what cost to the broker."""

from collections.abc import Iterator

from bench.clients import java_consume
from bench.figures import Figure, at_least, at_most
from bench.loads.batches import batch_of
from bench.trial import Trial

TITLE = "Consume, 1 KiB records, cached"
NEEDS = "raw"
QUICK = True
WARM = True
REQUESTS, BATCH_RECORDS = 9_600, 64
RAW_PASSES = 4
"""A pass that costs the broker tenths of a second needs repetition."""
PARTITIONS = (1, 12)

FIGURES = [
    each
    for partitions in PARTITIONS
    for client in ("librdkafka", "java", "raw")
    for each in (
        Figure(
            f"{client} {partitions}", f"{client}, {partitions} partitions", "records/s",
            must=at_least(1.0), goal=at_least(1.2),
        ),
        Figure(
            f"{client} {partitions} cpu", f"{client}, {partitions} partitions: broker CPU", "s/GB", must=at_most(0.5)
        ),
    )
]  # fmt: skip


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Each client reads the whole topic to warm up and again to be measured."""
    requests = trial.sizes.of(REQUESTS)
    batch_bytes = len(batch_of(BATCH_RECORDS, 1024))
    for partitions in PARTITIONS:
        topic = trial.topic(f"consume-{partitions}", partitions)
        fill = {"topic": topic, "partitions": partitions, "requests": requests, "warm_up": 0}
        filled = trial.measure("raw_produce", batch_records=BATCH_RECORDS, **fill)
        records = int(filled.result["records"])
        wanted = {"topic": topic, "partitions": partitions, "records": records}
        yield trial.measure("librdkafka_consume", **wanted).figures(f"librdkafka {partitions}")
        outcome = trial.measure(
            "raw_fetch", passes=RAW_PASSES, batch_records=BATCH_RECORDS, batch_bytes=batch_bytes, **wanted
        )
        yield outcome.figures(f"raw {partitions}")
        if trial.sizes.java and "java" in trial.target.serves:
            outcome = trial.outside(
                lambda topic=topic, records=records: java_consume(trial.port, topic, records)
            )
            yield outcome.figures(f"java {partitions}")
