"""The end of a run: all logs are read whole, in both ways, and all groups' offsets are asked for."""

import sys
from collections.abc import Callable
from functools import partial

from workloads import settings
from workloads.patience import Patience
from workloads.raw.connection import Connection
from workloads.raw.offsets import committed
from workloads.raw.reading import Reader
from workloads.settings import Worker
from workloads.topics import KINDS, PARTITIONS, topic


def parts(worker: Worker) -> list[Callable[[], None]]:
    """One part for each workload whose topics are to be read: the arguments after the first."""
    return [partial(verify, worker, name) for name in sys.argv[2:]]


def verify(worker: Worker, workload: str) -> None:
    """Read what a workload left. Raises StuckError if something of it can't be read."""
    connection = Connection(worker.direct)
    for committed_only in (False, True):
        reader = Reader(worker.recorder, f"verification.{workload}", connection, committed=committed_only)
        for kind in KINDS:
            for partition in range(PARTITIONS):
                read_all(reader, topic(workload, kind), partition, committed_only=committed_only)
    for group, kind in (("members", "grouped"), ("copiers", "input")):
        where = [(topic(workload, kind), partition) for partition in range(PARTITIONS)]
        name = f"verification.{workload}"
        committed(worker.recorder, name, connection, f"{workload}.{group}", where, final=True)


def read_all(reader: Reader, name: str, partition: int, *, committed_only: bool) -> None:
    """Read a partition from its start to its end."""
    patience = Patience(f"{name}-{partition}, {'committed' if committed_only else 'all'}")
    position = reader.earliest(name, partition)
    while True:
        found = reader.fetch(name, {partition: position}, final=True, wait_ms=0).get(partition)
        if found is None:
            position = max(position, reader.earliest(name, partition))
        elif found.next >= found.high:
            return
        elif found.next > position:
            position = found.next
            continue
        patience.wait(f"at {position} of {found.high if found else '?'}")


if __name__ == "__main__":
    settings.run(parts)
