"""A thousand partitions at once, and ten thousand made as ten topics of a thousand."""

import time
from collections.abc import Iterator

from bench.figures import Figure, at_least, at_most
from bench.trial import Trial

TITLE = "Many partitions"
NEEDS = "raw"
QUICK = False
WARM = True
RECORDS, REQUESTS = 300_000, 300
TOPICS, PARTITIONS = 10, 1_000

FIGURES = [
    Figure(
        "produce",
        "librdkafka to 1,000 partitions in turn",
        "records/s",
        must=at_least(0.5),
        goal=at_least(1.0),
    ),
    Figure("produce cpu", "the same: broker CPU", "s/GB", goal=at_most(1.0)),
    Figure(
        "raw",
        "raw, 1,000 partitions a request, 1 KiB each",
        "records/s",
        must=at_least(0.5),
        goal=at_least(1.0),
    ),
    Figure("raw cpu", "the same: broker CPU", "s/GB", goal=at_most(1.0)),
    Figure(
        "consume", "librdkafka from 1,000 partitions", "records/s", must=at_least(0.5), goal=at_least(1.0)
    ),
    Figure("consume cpu", "the same: broker CPU", "s/GB", goal=at_most(1.0)),
    Figure(
        "create",
        "create 10 topics of 1,000, until each is served",
        "s",
        must=at_most(2.0),
        goal=at_most(1.0),
    ),
    Figure("create cpu", "the same: broker CPU", "s", goal=at_most(1.0)),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """One topic of 1,000 to produce to and consume from; the others only to be made."""
    records, requests = trial.sizes.of(RECORDS), trial.sizes.of(REQUESTS, 20)
    topic = trial.topic("wide", PARTITIONS)
    wanted = {"topic": topic, "partitions": PARTITIONS}
    yield trial.measure("librdkafka_produce", records=records, warm_up=records // 2, **wanted).figures(
        "produce"
    )
    each_has_one = {"batch_records": 1, "partitions_a_request": PARTITIONS}
    yield trial.measure(
        "raw_produce", requests=requests, warm_up=requests // 2, **each_has_one, **wanted
    ).figures("raw")
    yield trial.measure("librdkafka_consume", records=trial.acknowledged[topic], **wanted).figures("consume")
    cpu, began = trial.cpu(), time.perf_counter()
    for number in range(TOPICS):
        trial.topic(f"made-{number}", PARTITIONS)
    yield {"create": time.perf_counter() - began, "create cpu": trial.cpu() - cpu}
