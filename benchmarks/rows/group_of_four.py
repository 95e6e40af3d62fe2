"""Four librdkafka consumers in one group on 12 partitions: all of them have joined before they read."""

from collections.abc import Iterator

from bench.figures import Figure, at_least, at_most
from bench.trial import Trial

TITLE = "Consume in a group of 4, 12 partitions, cached"
NEEDS = "raw"
QUICK = False
WARM = True
REQUESTS, BATCH_RECORDS, PARTITIONS, MEMBERS = 12_000, 64, 12, 4

FIGURES = [
    Figure("rate", "all members together", "records/s", must=at_least(1.0), goal=at_least(1.2)),
    Figure("cpu", "broker CPU", "s/GB", must=at_most(0.5)),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """The members have their partitions, three each, before any of them reads."""
    topic, requests = trial.topic("grouped", PARTITIONS), trial.sizes.of(REQUESTS) // PARTITIONS * PARTITIONS
    fill = {"topic": topic, "partitions": PARTITIONS, "requests": requests, "warm_up": 0}
    records = int(trial.measure("raw_produce", batch_records=BATCH_RECORDS, **fill).result["records"])
    trial.measure("librdkafka_consume", topic=topic, partitions=PARTITIONS, records=records)
    share = {"share": PARTITIONS // MEMBERS, "records": records // MEMBERS}
    members = trial.clients([{"topic": topic, "group": "four", **share}] * MEMBERS, "librdkafka_member")
    cpu = trial.cpu()
    for member in members:
        member.go()
    results = [member.result() for member in members]
    spent = trial.cpu() - cpu
    took = max(each["last"] for each in results) - min(each["first"] for each in results)
    yield {"rate": records / took, "cpu": spent / (records * 1024 / 1e9)}
