"""All parts of a real client's workload."""

from collections.abc import Callable, Sequence

from workloads.client.adapter import Client
from workloads.client.appending import Appender
from workloads.client.following import Follower
from workloads.client.grouping import Member
from workloads.client.transacting import Copier, Ledger
from workloads.settings import Worker

MEMBERS = 2


def parts(worker: Worker, client: Client, followed: Sequence[str]) -> list[Callable[[], None]]:
    """The clients. `followed`: kinds of topics that one of them reads, whose compression it knows."""
    rate = worker.rate / 10
    appenders = [
        Appender(worker, client, 0, ["plain", "compacted", "trimmed"], idempotent=False, rate=rate),
        Appender(worker, client, 1, ["rolled", "compacted", "packed"], idempotent=True, rate=rate),
        Appender(worker, client, 2, ["input"], idempotent=True, rate=rate / 2),
        Appender(worker, client, 3, ["grouped"], idempotent=True, rate=rate),
    ]
    members = [Member(worker, client, index) for index in range(MEMBERS)]
    return [
        *(appender.run for appender in appenders),
        Ledger(worker, client, 4, rate=rate).run,
        Copier(worker, client, 5).run,
        Follower(worker, client, followed).run,
        *(member.run for member in members),
    ]
