"""Produce 1 KiB records, acks=all, to 1 and 12 partitions: how fast, and at what cost to the broker."""

from collections.abc import Iterator

from bench.clients import java_produce
from bench.figures import Figure, at_least, at_most
from bench.trial import Trial

TITLE = "Produce, 1 KiB records, acks=all"
NEEDS = "librdkafka"
QUICK = True
WARM = True
RECORDS, RAW_REQUESTS = 400_000, 12_000
JAVA_RECORDS = 1_200_000
"""A client that is still being compiled hides what the broker does: half of it goes before."""
MODES = ("plain", "idempotent", "transactional")
PARTITIONS = (1, 12)

FIGURES = [
    each
    for partitions in PARTITIONS
    for client in (*(f"librdkafka {mode}" for mode in MODES), "java idempotent", "raw plain")
    for each in (
        Figure(
            f"{client} {partitions}",
            f"{client}, {partitions} partitions",
            "records/s",
            must=at_least(1.5),
            goal=at_least(0.8),
            goal_of="kfake-disk",
        ),
        Figure(
            f"{client} {partitions} cpu",
            f"{client}, {partitions} partitions: broker CPU",
            "s/GB",
            must=at_most(1 / 3),
        ),
    )
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Every kind of producer on a topic of its own."""
    records, requests = trial.sizes.of(RECORDS), trial.sizes.of(RAW_REQUESTS)
    java_records = trial.sizes.of(JAVA_RECORDS)
    for partitions in PARTITIONS:
        for mode in MODES:
            if mode != "plain" and "transactions" not in trial.target.serves:
                continue
            topic = trial.topic(f"{mode}-{partitions}", partitions)
            arguments = {
                "topic": topic,
                "partitions": partitions,
                "records": records,
                "warm_up": records // 2,
            }
            outcome = trial.measure("librdkafka_produce", mode=mode, **arguments)
            yield outcome.figures(f"librdkafka {mode} {partitions}")
        if "raw" in trial.target.serves:
            topic = trial.topic(f"raw-{partitions}", partitions)
            arguments = {"partitions": partitions, "requests": requests, "warm_up": requests // 2}
            outcome = trial.measure("raw_produce", topic=topic, **arguments)
            yield outcome.figures(f"raw plain {partitions}")
        if trial.sizes.java and "java" in trial.target.serves:
            topic = trial.topic(f"java-{partitions}", partitions)
            outcome = trial.outside(
                lambda topic=topic: java_produce(trial.port, topic, java_records, 1024, java_records // 2)
            )
            trial.acknowledge(topic, outcome.result["acknowledged"])
            yield outcome.figures(f"java idempotent {partitions}")
