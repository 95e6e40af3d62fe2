"""Workload: records at a high rate, to every kind of topic."""

from collections.abc import Callable

from workloads import settings
from workloads.raw.consuming import Consumer
from workloads.raw.idempotent import IdempotentProducer
from workloads.raw.producing import PlainProducer
from workloads.settings import Worker

READ_SHARE = 0.55  # of the operations


def parts(worker: Worker) -> list[Callable[[], None]]:
    """The clients."""
    rate = worker.rate * (1 - READ_SHARE) / 5
    producers: list[PlainProducer | IdempotentProducer] = [
        PlainProducer(worker, 0, ["plain", "rolled"], rate=rate),
        PlainProducer(worker, 1, ["plain", "compacted"], acks=1, rate=rate, through_proxy=True),
        IdempotentProducer(worker, 2, ["rolled", "compacted"], rate=rate),
        IdempotentProducer(worker, 3, ["packed", "trimmed"], in_flight=3, rate=rate, through_proxy=True),
        IdempotentProducer(worker, 4, ["plain", "trimmed"], rate=rate),
    ]
    consumers = [
        Consumer(worker, 0, ["plain", "rolled", "trimmed"], committed=False),
        Consumer(worker, 1, ["compacted", "packed"], committed=True, through_proxy=True),
    ]
    return [*(each.run for each in producers), *(each.run for each in consumers)]


if __name__ == "__main__":
    settings.run(parts)
