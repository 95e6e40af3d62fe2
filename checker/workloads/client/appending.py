"""Producers without transactions."""

import contextlib
from collections.abc import Sequence
from functools import partial

from histories.identity import IDENTITY, KEY, packed
from histories.recorder import Operation

from workloads.client.adapter import Client, ClientError, ClientProducer
from workloads.client.persistence import until_done
from workloads.settings import Pace, Worker
from workloads.topics import KINDS, PARTITIONS, topic


class Sender:
    """Sends a producer's records, each recorded as an operation."""

    def __init__(
        self, worker: Worker, name: str, producer: int, *, idempotent: bool, transactional: bool
    ) -> None:
        self._recorder, self._name, self._producer, self._next = worker.recorder, name, producer, 0
        self._worker = worker
        self.failed = False
        self._recorder.info(
            name, "producer", producer=producer, idempotent=idempotent, transactional=transactional
        )

    def send(
        self, through: ClientProducer, kind: str, partition: int, transaction: int | None = None
    ) -> None:
        """Send the next record. What fails sets `failed`."""
        number, self._next = self._next, self._next + 1
        where = topic(self._worker.name, kind), partition
        keys = KINDS[kind].keys
        of_transaction = {} if transaction is None else {"transaction": transaction}
        operation = self._recorder.invoke(
            self._name, "append", topic=where[0], partition=partition, producer=self._producer, first=number,
            count=1, **of_transaction,
        )  # fmt: skip
        key = KEY.pack(number % keys) if keys else None
        try:
            through.send(
                where, key, IDENTITY.pack(packed(self._producer, number)), partial(self._done, operation)
            )
        except ClientError as error:
            self._done(operation, None, str(error))

    def _done(self, operation: Operation, offset: int | None, why: str) -> None:
        if offset is None:
            operation.unknown(error=why)
            self.failed = True
        else:
            operation.ok(offset=offset, count=1)


class Appender:
    """Appends to some kinds of topics until the worker stops."""

    def __init__(
        self,
        worker: Worker,
        client: Client,
        index: int,
        kinds: Sequence[str],
        *,
        idempotent: bool,
        rate: float,
    ) -> None:
        name = f"{worker.name}.producer-{index}"
        self._worker, self._client, self._kinds, self._idempotent = worker, client, kinds, idempotent
        self._rng, self._pace = worker.rng(name), Pace(rate)
        self._sender = Sender(
            worker, name, worker.first_producer + index, idempotent=idempotent, transactional=False
        )

    def run(self) -> None:
        """Work."""
        while not self._worker.stopping.is_set():
            producer = until_done("a producer", lambda: self._client.producer(idempotent=self._idempotent))
            self._sender.failed = False
            while not self._worker.stopping.is_set() and not (self._idempotent and self._sender.failed):
                self._sender.send(producer, self._rng.choice(self._kinds), self._rng.randrange(PARTITIONS))
                self._pace.spend(1)
            with contextlib.suppress(ClientError):
                producer.flush()
            producer.close()
