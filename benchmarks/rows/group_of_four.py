"""Four librdkafka consumers in one group on 12 partitions: from the first record of any to the last of all."""

from collections.abc import Iterator

from bench.figures import Figure, at_least, at_most
from bench.trial import Trial

TITLE = "Consume in a group of 4, 12 partitions, cached"
NEEDS = "raw"
QUICK = False
WARM = True
REQUESTS, BATCH_RECORDS, MEMBERS = 12_000, 64, 4
QUIET = 4.0
"""Seconds without progress in which the members end: none knows how much the others have."""

FIGURES = [
    Figure("rate", "all members together", "records/s", must=at_least(1.0), goal=at_least(1.2)),
    Figure("cpu", "broker CPU", "s/GB", must=at_most(0.5)),
]


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Members join at once; the group is new, so they may read what another has read: all reads count."""
    topic, requests = trial.topic("grouped", 12), trial.sizes.of(REQUESTS)
    fill = {"topic": topic, "partitions": 12, "requests": requests, "warm_up": 0}
    records = int(trial.measure("raw_produce", batch_records=BATCH_RECORDS, **fill).result["records"])
    trial.measure("librdkafka_consume", topic=topic, partitions=12, records=records)
    members = [
        trial.client("librdkafka_consume", topic=topic, partitions=12, records=0, group="four", quiet=QUIET)
        for _ in range(MEMBERS)
    ]
    cpu = trial.cpu()
    for member in members:
        member.go()
    results = [member.result() for member in members]
    spent, read = trial.cpu() - cpu, sum(each["records"] for each in results)
    if read < records:
        raise RuntimeError(f"the group read {read} of {records}")
    began = min(each["first"] for each in results if each["records"])
    time_taken = max(each["last"] for each in results) - began
    yield {"rate": read / time_taken, "cpu": spent / (read * 1024 / 1e9)}
