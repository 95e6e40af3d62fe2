"""Resident memory of a broker that nobody uses, and again after one client of each kind has left."""

import time
from collections.abc import Iterator

from bench.clients import java_consume, java_produce
from bench.figures import Figure, at_most
from bench.trial import Trial

TITLE = "Idle memory (RSS)"
NEEDS = ""
QUICK = True
RECORDS = 20_000
CONSUMER_GROUP_HEARTBEAT = 68

FIGURES = [
    Figure("untouched", "after being idle since its start", "MiB", must=at_most(45).of_the_value()),
    Figure(
        "after clients", "idle again after one client of each kind", "MiB", must=at_most(45).of_the_value()
    ),
    Figure("cpu", "CPU while untouched", "% of a core"),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Producers of each kind, consumers alone and in groups of the protocols that are served, an admin client."""
    cpu = trial.cpu()
    time.sleep(trial.sizes.idle)
    yield {"cpu": (trial.cpu() - cpu) / trial.sizes.idle * 100, "untouched": trial.resident_mib()}
    trial.require("librdkafka")
    trial.require("transactions")
    for mode in ("plain", "idempotent", "transactional"):
        topic = trial.topic(f"idle-{mode}")
        arguments = {"topic": topic, "partitions": 1, "records": RECORDS, "warm_up": 0}
        trial.measure("librdkafka_produce", mode=mode, **arguments)
    trial.measure("librdkafka_consume", topic="idle-plain", partitions=1, records=RECORDS, warm_up=False)
    protocols = ["classic", "consumer"] if trial.answers(CONSUMER_GROUP_HEARTBEAT) else ["classic"]
    trial.measure("librdkafka_visitors", topic="idle-plain", records=RECORDS, protocols=protocols)
    if trial.sizes.java and "java" in trial.target.serves:
        trial.topic("idle-java")
        java_produce(trial.port, "idle-java", RECORDS, 1024, 0)
        java_consume(trial.port, "idle-java", RECORDS)
    time.sleep(trial.sizes.idle)
    yield {"after clients": trial.resident_mib()}
