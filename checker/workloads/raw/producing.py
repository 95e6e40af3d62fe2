"""Producers: plain ones with one request in flight, idempotent ones with up to five."""

import time
from collections import defaultdict, deque
from collections.abc import Sequence

from attrs import define
from histories.recorder import Operation
from rules.answers import RETRIABLE

from kbroker.protocol.batch import Codec
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from workloads.raw.connection import Connection, ask_until_answered
from workloads.raw.records import MOST_PADDING, MOST_RECORDS, Session, batch
from workloads.settings import Pace, Worker
from workloads.topics import KINDS, PARTITIONS, topic

PRODUCE, INIT_PRODUCER_ID = 9, 4  # versions
DUPLICATE_SEQUENCE_NUMBER, REQUEST_TIMED_OUT = 46, 7
RETRY_CHANCE = 0.5


def produce_request(
    topic_: str, partition: int, data: bytes, acks: int = -1, transactional_id: str | None = None
) -> ProduceRequest:
    """One batch to one partition."""
    part = TopicProduceData(name=topic_, partition_data=[PartitionProduceData(partition, data)])
    return ProduceRequest(transactional_id=transactional_id, acks=acks, timeout_ms=10_000, topic_data=[part])


@define
class Sent:
    """A request in flight, to be sent again as it is."""

    operation: Operation
    request: ProduceRequest


class Producer:
    """Appends to some kinds of topics until the worker stops."""

    def __init__(
        self, worker: Worker, index: int, kinds: Sequence[str], *, idempotent: bool, rate: float,
        in_flight: int = 1, acks: int = -1, through_proxy: bool = False,
    ) -> None:  # fmt: skip
        self._worker = worker
        self._name = f"{worker.name}.producer-{index}"
        self._number = worker.first_producer + index
        self._rng = worker.rng(self._name)
        self._kinds, self._idempotent, self._in_flight, self._acks = kinds, idempotent, in_flight, acks
        self._connection = Connection(worker.proxy if through_proxy else worker.direct)
        self._pace = Pace(rate)
        self._next = 0
        self._session = Session()
        self._sequences: dict[tuple[str, int], int] = defaultdict(int)
        self._pending: deque[Sent] = deque()
        worker.recorder.info(
            self._name, "producer", producer=self._number, idempotent=idempotent, transactional=False
        )

    def run(self) -> None:
        """Work."""
        if self._idempotent:
            self._session = self._initialised()
            self._run_idempotent()
        else:
            while not self._worker.stopping.is_set():
                self._append_plainly()

    def _initialised(self) -> Session:
        request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0)
        while (answer := ask_until_answered(self._connection, request, INIT_PRODUCER_ID)).error_code:
            time.sleep(0.02)
        return Session(answer.producer_id, answer.producer_epoch)

    def _append_plainly(self) -> None:
        count = self._rng.randint(1, MOST_RECORDS)
        kind, partition = self._rng.choice(self._kinds), self._rng.randrange(PARTITIONS)
        first, self._next = self._next, self._next + count
        request, again = self._request(kind, partition, first, count), True
        while again:
            self._connection.connect()
            operation = self._invoke(kind, partition, first, count)
            again = False
            try:
                answer = self._connection.ask(request, PRODUCE)
            except OSError as error:
                operation.unknown(error=str(error))
                again = self._rng.random() < RETRY_CHANCE
            else:
                told = answer.responses[0].partition_responses[0]
                if told.error_code == REQUEST_TIMED_OUT:
                    operation.unknown(error=told.error_code)
                elif told.error_code:
                    operation.fail(error=told.error_code)
                else:
                    operation.ok(offset=told.base_offset, count=count)
        self._pace.spend(count)

    def _run_idempotent(self) -> None:
        """Keep some requests in flight; after a loss all are sent again, which the broker must recognise."""
        while True:
            try:
                if len(self._pending) < self._in_flight and not self._worker.stopping.is_set():
                    self._pending.append(self._another())
                    self._connection.send(self._pending[-1].request, PRODUCE)
                elif not self._pending or not self._answered():
                    return
            except OSError:
                self._send_all_again()

    def _another(self) -> Sent:
        count = self._rng.randint(1, MOST_RECORDS)
        kind, partition = self._rng.choice(self._kinds), self._rng.randrange(PARTITIONS)
        self._pace.spend(count)
        first, self._next = self._next, self._next + count
        request = self._request(kind, partition, first, count)
        self._sequences[kind, partition] += count
        return Sent(self._invoke(kind, partition, first, count), request)

    def _answered(self) -> bool:
        """Take one answer. False if it ends this producer."""
        told = self._connection.receive().responses[0].partition_responses[0]
        if told.error_code in RETRIABLE:
            raise ConnectionError("to be sent again")
        sent = self._pending.popleft()
        if told.error_code and told.error_code != DUPLICATE_SEQUENCE_NUMBER:
            sent.operation.fail(error=told.error_code)
            return False
        count = sent.request.topic_data[0].partition_data[0]
        offset = -1 if told.error_code else told.base_offset
        sent.operation.ok(offset=offset, count=records_in(count.records))
        return True

    def _send_all_again(self) -> None:
        while True:
            self._connection.close()
            self._connection.connect()
            try:
                for sent in self._pending:
                    self._connection.send(sent.request, PRODUCE)
            except OSError:
                continue
            return

    def _request(self, kind: str, partition: int, first: int, count: int) -> ProduceRequest:
        codec = self._rng.choice([Codec.NONE, Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
        data = batch(
            self._number, first, count, self._session,
            self._sequences[kind, partition] if self._idempotent else -1,
            keys=KINDS[kind].keys,
            padding=self._rng.choice((0, 0, 8, MOST_PADDING)),
            codec=codec if kind == "packed" else Codec.NONE,
        )  # fmt: skip
        return produce_request(topic(self._worker.name, kind), partition, data, self._acks)

    def _invoke(self, kind: str, partition: int, first: int, count: int) -> Operation:
        return self._worker.recorder.invoke(
            self._name, "append", topic=topic(self._worker.name, kind), partition=partition,
            producer=self._number, first=first, count=count,
        )  # fmt: skip


def records_in(data: object) -> int:
    """The number of records that a batch's header tells."""
    assert isinstance(data, bytes)
    return int.from_bytes(data[57:61], "big")
