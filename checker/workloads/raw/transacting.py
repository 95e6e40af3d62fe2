"""Producers of transactions over several partitions, and copiers whose transactions bring their input's offsets.

Both leave transactions open now and then, as if they had died, before or after they asked for the commit.
"""

import random

from workloads.raw.connection import Connection
from workloads.raw.offsets import committed
from workloads.raw.reading import Reader
from workloads.raw.transactions import Offsets, RefusedError, Transactor
from workloads.settings import Pace, Worker
from workloads.topics import PARTITIONS, topic

MOST_APPENDS, MOST_RECORDS = 5, 10
COMMIT, ABORT, LEAVE, ASK_AND_LEAVE = range(4)
WEIGHTS = (75, 13, 6, 6)


def choose_end(rng: random.Random) -> int:
    """How a transaction ends."""
    return rng.choices((COMMIT, ABORT, LEAVE, ASK_AND_LEAVE), WEIGHTS)[0]


def end(transactor: Transactor, how: int, group: str | None = None, offsets: Offsets | None = None) -> None:
    """End it as chosen."""
    if how in {COMMIT, ABORT}:
        transactor.end(commit=how == COMMIT, group=group, offsets=offsets or [])
    else:
        if how == ASK_AND_LEAVE:
            transactor.end_without_waiting(group, offsets or [])
        transactor.fence()


class Ledger:
    """Writes transactions over the partitions of one topic."""

    def __init__(self, worker: Worker, index: int, *, old: bool, rate: float, through_proxy: bool) -> None:
        name = f"{worker.name}.ledger-{index}"
        self._worker, self._rng, self._pace = worker, worker.rng(name), Pace(rate)
        self._transactor = Transactor(
            worker, name, worker.first_producer + index, old=old, through_proxy=through_proxy
        )

    def run(self) -> None:
        """Work."""
        try:
            self._transactor.fence()
            while not self._worker.stopping.is_set():
                for _ in range(self._rng.randint(1, MOST_APPENDS)):
                    count = self._rng.randint(1, MOST_RECORDS)
                    self._transactor.append(
                        topic(self._worker.name, "ledger"), self._rng.randrange(PARTITIONS), count
                    )
                    self._pace.spend(count)
                end(self._transactor, choose_end(self._rng))
        except RefusedError:
            return  # it is in the history


class Copier:
    """Copies one partition of the input, in transactions that commit its offsets for a group."""

    def __init__(self, worker: Worker, index: int, partition: int, *, old: bool, through_proxy: bool) -> None:
        name = f"{worker.name}.copier-{index}"
        self._worker, self._rng, self._partition = worker, worker.rng(name), partition
        self._input, self._output = topic(worker.name, "input"), topic(worker.name, "output")
        self._name, self._group = name, f"{worker.name}.copiers"
        self._connection = Connection(worker.direct)
        self._reader = Reader(worker.recorder, name, self._connection, committed=True)
        self._transactor = Transactor(
            worker, name, worker.first_producer + index, old=old, through_proxy=through_proxy
        )

    def run(self) -> None:
        """Work."""
        try:
            self._transactor.fence()
            position = self._committed()
            while not self._worker.stopping.is_set():
                found = self._reader.fetch(self._input, {self._partition: position}, most_bytes=1)
                if self._partition not in found or found[self._partition].next == position:
                    continue
                read = found[self._partition]
                for _, _, _, count in read.runs:
                    self._transactor.append(self._output, self._rng.randrange(PARTITIONS), count)
                offsets: Offsets = [(self._input, self._partition, position, read.next)]
                self._transactor.add_offsets(self._group, offsets)
                how = choose_end(self._rng)
                end(self._transactor, how, self._group, offsets)
                position = read.next if how == COMMIT else self._committed()
        except RefusedError:
            return  # it is in the history

    def _committed(self) -> int:
        where = [(self._input, self._partition)]
        found = committed(self._worker.recorder, self._name, self._connection, self._group, where)
        return max(0, found[self._input, self._partition])
