"""Transactions, and copies of input in transactions that bring its offsets."""

import contextlib
import random
from collections.abc import Callable, Sequence

from workloads.client.adapter import Client, ClientConsumer, ClientError, ClientProducer, Partition
from workloads.client.appending import Sender
from workloads.client.committing import Offsets
from workloads.client.following import Reads
from workloads.client.persistence import until_done
from workloads.settings import Pace, Worker
from workloads.topics import PARTITIONS, topic

MOST_RECORDS = 30
ABORT_CHANCE, LEAVE_CHANCE = 0.15, 0.05
Range = list[object]  # topic, partition, from, to


class Transactor:
    """A transactional id whose producer is made anew after errors."""

    def __init__(self, worker: Worker, client: Client, name: str, producer: int) -> None:
        self._worker, self._client, self._name, self._number = worker, client, name, producer
        self._sender = Sender(worker, name, producer, idempotent=True, transactional=True)
        self._producer: ClientProducer | None = None
        self._transaction = 0

    def transact(
        self, rng: random.Random, records: Sequence[tuple[str, int]], group: str | None = None,
        offsets: Sequence[Range] = (), add: Callable[[ClientProducer], None] = lambda _: None,
    ) -> bool:  # fmt: skip
        """Append records (kind, partition) in a transaction and end it in some way. Returns if it surely committed."""
        self._transaction += 1
        self._sender.failed = False
        try:
            producer = self._ready()
            producer.begin()
            for kind, partition in records:
                self._sender.send(producer, kind, partition, self._transaction)
            producer.flush()
            if self._sender.failed:
                raise ClientError("a record was not appended")
            add(producer)
            if rng.random() < LEAVE_CHANCE:
                raise ClientError("left")
            return self._end(producer, rng.random() > ABORT_CHANCE, group, offsets)
        except ClientError:
            self.close()
            return False

    def _end(
        self, producer: ClientProducer, commit: bool, group: str | None, offsets: Sequence[Range]
    ) -> bool:
        operation = self._worker.recorder.invoke(
            self._name, "end", producer=self._number, transaction=self._transaction, commit=commit, group=group,
            offsets=list(offsets),
        )  # fmt: skip
        try:
            if commit:
                producer.commit()
            else:
                producer.abort()
        except ClientError as error:
            operation.unknown(error=str(error))
            raise
        operation.ok()
        return commit

    def _ready(self) -> ClientProducer:
        """The producer; a new one ends what an earlier one left."""
        if self._producer is None:
            producer = self._client.producer(idempotent=True, transactional_id=self._name)
            operation = self._worker.recorder.invoke(self._name, "fence", producer=self._number)
            try:
                producer.init()
            except ClientError as error:
                operation.unknown(error=str(error))
                producer.close()
                raise
            operation.ok()
            self._producer = producer
        return self._producer

    def finish(self) -> None:
        """End what was left open, so that all that follows can be read."""
        self.close()
        until_done(f"{self._name} at its end", self._ready)
        self.close()

    def close(self) -> None:
        """Drop the producer, and leave open what is."""
        if self._producer is not None:
            self._producer.close()
        self._producer = None


class Ledger:
    """Writes transactions over the partitions of one topic."""

    def __init__(self, worker: Worker, client: Client, index: int, *, rate: float) -> None:
        name = f"{worker.name}.ledger-{index}"
        self._worker, self._rng, self._pace = worker, worker.rng(name), Pace(rate)
        self._transactor = Transactor(worker, client, name, worker.first_producer + index)

    def run(self) -> None:
        """Work."""
        while not self._worker.stopping.is_set():
            count = self._rng.randint(1, MOST_RECORDS)
            records = [("ledger", self._rng.randrange(PARTITIONS)) for _ in range(count)]
            self._transactor.transact(self._rng, records)
            self._pace.spend(count)
        self._transactor.finish()


class Copier:
    """Copies the input's partitions, in transactions that commit its offsets for a group."""

    def __init__(self, worker: Worker, client: Client, index: int) -> None:
        name = f"{worker.name}.copier-{index}"
        self._worker, self._client, self._rng = worker, client, worker.rng(name)
        self._partitions = [(topic(worker.name, "input"), index) for index in range(PARTITIONS)]
        self._offsets = Offsets(worker.recorder, name, f"{worker.name}.copiers")
        self._reads = Reads(worker.recorder, name, committed=True)
        self._transactor = Transactor(worker, client, name, worker.first_producer + index)

    def run(self) -> None:
        """Work."""
        consumer = until_done(
            "a copier",
            lambda: self._client.consumer(self._offsets.group, assign=self._partitions, committed=True),
        )
        with contextlib.suppress(ClientError):
            self._transactor.transact(self._rng, [])
        self._rewind(consumer)
        while not self._worker.stopping.is_set():
            before = dict(self._reads.positions)
            try:
                records = self._reads.poll(consumer)
            except ClientError:
                continue
            if records and not self._copy(consumer, before, len(records)):
                self._transactor.finish()
                self._rewind(consumer)
        consumer.close()
        self._transactor.finish()

    def _copy(self, consumer: ClientConsumer, before: dict[Partition, int], count: int) -> bool:
        moved = {where: to for where, to in self._reads.positions.items() if to != before[where]}
        ranges: list[Range] = [[*where, before[where], to] for where, to in moved.items()]
        records = [("output", self._rng.randrange(PARTITIONS)) for _ in range(count)]
        return self._transactor.transact(
            self._rng,
            records,
            self._offsets.group,
            ranges,
            lambda producer: producer.add_offsets(moved, consumer),
        )

    def _rewind(self, consumer: ClientConsumer) -> None:
        """Go back to what is committed."""
        found = until_done("committed offsets", lambda: self._offsets.committed(consumer, self._partitions))
        for where, offset in found.items():
            self._reads.positions[where] = max(0, offset)
            consumer.seek(where, max(0, offset))
