"""Workload: transactions, copies with offsets in the transaction, and a group that is never at rest."""

from collections.abc import Callable
from typing import Protocol

from workloads import settings
from workloads.raw.consuming import Consumer
from workloads.raw.grouping import Member, Observer
from workloads.raw.idempotent import IdempotentProducer
from workloads.raw.producing import PlainProducer
from workloads.raw.transacting import Copier, Ledger
from workloads.settings import Worker
from workloads.topics import PARTITIONS

MEMBERS = 3


class Client(Protocol):
    """What works until the worker stops."""

    def run(self) -> None:
        """Work."""


def parts(worker: Worker) -> list[Callable[[], None]]:
    """The clients."""
    rate = worker.rate / 10
    producers: list[Client] = [
        PlainProducer(worker, 0, ["grouped"], rate=rate),
        IdempotentProducer(worker, 1, ["input"], in_flight=1, rate=rate / 2, through_proxy=True),
    ]
    ledgers = [
        Ledger(worker, 2, old=True, rate=rate, through_proxy=False),
        Ledger(worker, 3, old=False, rate=rate, through_proxy=True),
    ]
    copiers = [
        Copier(worker, 4 + index, index, old=index % 2 == 0, through_proxy=index == 1)
        for index in range(PARTITIONS)
    ]
    consumers = [
        Consumer(worker, 0, ["ledger", "output"], committed=True),
        Consumer(worker, 1, ["ledger", "output", "input"], committed=False, through_proxy=True),
    ]
    members = [Member(worker, index, through_proxy=index == 1) for index in range(MEMBERS)]
    clients: list[Client] = [*producers, *ledgers, *copiers, *consumers, *members, Observer(worker)]
    return [client.run for client in clients]


if __name__ == "__main__":
    settings.run(parts)
