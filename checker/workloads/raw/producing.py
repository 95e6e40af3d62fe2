"""What producers have in common, and plain ones, who have one request in flight and know no retries but their own."""

from collections.abc import Sequence

from attrs import define
from histories.recorder import Operation

from kbroker.protocol.batch import Codec
from kbroker.protocol.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from workloads.raw.connection import Connection
from workloads.raw.records import MOST_PADDING, MOST_RECORDS, Session, batch
from workloads.settings import Pace, Worker
from workloads.topics import KINDS, PARTITIONS, topic

PRODUCE = 9  # version
REQUEST_TIMED_OUT = 7
RETRY_CHANCE = 0.5
CODECS = (Codec.NONE, Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD)


def produce_request(
    topic_: str, partition: int, data: bytes, acks: int = -1, transactional_id: str | None = None
) -> ProduceRequest:
    """One batch to one partition."""
    part = TopicProduceData(name=topic_, partition_data=[PartitionProduceData(partition, data)])
    return ProduceRequest(transactional_id=transactional_id, acks=acks, timeout_ms=10_000, topic_data=[part])


@define
class Chosen:
    """Records to be sent next."""

    kind: str
    partition: int
    first: int
    count: int


class Producer:
    """Chooses what is sent to some kinds of topics."""

    idempotent = False

    def __init__(
        self, worker: Worker, index: int, kinds: Sequence[str], *, rate: float, acks: int = -1,
        through_proxy: bool = False,
    ) -> None:  # fmt: skip
        self._worker = worker
        self._name = f"{worker.name}.producer-{index}"
        self._number = worker.first_producer + index
        self._rng = worker.rng(self._name)
        self._kinds, self._acks, self._next = kinds, acks, 0
        self._connection = Connection(worker.proxy if through_proxy else worker.direct)
        self._pace = Pace(rate)
        worker.recorder.info(
            self._name, "producer", producer=self._number, idempotent=self.idempotent, transactional=False
        )

    def _choose(self) -> Chosen:
        """The next records, when it is time for them."""
        count = self._rng.randint(1, MOST_RECORDS)
        self._pace.spend(count)
        first, self._next = self._next, self._next + count
        return Chosen(self._rng.choice(self._kinds), self._rng.randrange(PARTITIONS), first, count)

    def _request(self, chosen: Chosen, session: Session, sequence: int) -> ProduceRequest:
        data = batch(
            self._number, chosen.first, chosen.count, session, sequence,
            keys=KINDS[chosen.kind].keys,
            padding=self._rng.choice((0, 0, 8, MOST_PADDING)),
            codec=self._rng.choice(CODECS) if chosen.kind == "packed" else Codec.NONE,
        )  # fmt: skip
        return produce_request(topic(self._worker.name, chosen.kind), chosen.partition, data, self._acks)

    def _invoke(self, chosen: Chosen) -> Operation:
        return self._worker.recorder.invoke(
            self._name, "append", topic=topic(self._worker.name, chosen.kind), partition=chosen.partition,
            producer=self._number, first=chosen.first, count=chosen.count,
        )  # fmt: skip


class PlainProducer(Producer):
    """What has no answer it sends again, or goes on."""

    def run(self) -> None:
        """Work until the worker stops."""
        while not self._worker.stopping.is_set():
            chosen = self._choose()
            request = self._request(chosen, Session(), -1)
            while not self._answered(chosen, request) and self._rng.random() < RETRY_CHANCE:
                pass

    def _answered(self, chosen: Chosen, request: ProduceRequest) -> bool:
        """Try once. Returns whether there was an answer."""
        self._connection.connect()
        operation = self._invoke(chosen)
        try:
            answer = self._connection.ask(request, PRODUCE)
        except OSError as error:
            operation.unknown(error=str(error))
            return False
        told = answer.responses[0].partition_responses[0]
        if told.error_code == REQUEST_TIMED_OUT:
            operation.unknown(error=told.error_code)
        elif told.error_code:
            operation.fail(error=told.error_code)
        else:
            operation.ok(offset=told.base_offset, count=chosen.count)
        return True
