"""Giving a broker a long log."""

from bench.loads.batches import batch_of
from bench.trial import Trial

BATCH_RECORDS = 512
"""Records of 1 KiB in a batch: 512 KiB."""


def fill(
    trial: Trial, topic: str, partitions: int, gigabytes: float, batch_records: int = BATCH_RECORDS
) -> int:
    """Produce so much to the partitions of a topic in turn, at least one batch each; the number of records."""
    requests = max(partitions, int(gigabytes * 1e9 / len(batch_of(batch_records, 1024))))
    arguments = {"topic": topic, "partitions": partitions, "requests": requests, "warm_up": 0}
    return int(trial.measure("raw_produce", batch_records=batch_records, **arguments).result["records"])
