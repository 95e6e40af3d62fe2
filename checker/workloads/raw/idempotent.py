"""Idempotent producers (KIP-98), with up to five requests in flight."""

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

from attrs import define
from histories.recorder import Operation
from rules.answers import RETRIABLE

from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.produce import ProduceRequest
from workloads.patience import Patience
from workloads.raw.connection import ask_until_answered
from workloads.raw.producing import PRODUCE, Chosen, Producer
from workloads.raw.records import Session
from workloads.settings import Worker

INIT_PRODUCER_ID = 4  # version
OUT_OF_ORDER_SEQUENCE_NUMBER, DUPLICATE_SEQUENCE_NUMBER = 45, 46


@define
class Sent:
    """A request in flight, to be sent again as it is."""

    chosen: Chosen
    operation: Operation
    request: ProduceRequest
    again: bool = False


class IdempotentProducer(Producer):
    """Sends all that is in flight again after a loss, which the broker must recognise."""

    idempotent = True

    def __init__(
        self, worker: Worker, index: int, kinds: Sequence[str], *, rate: float, in_flight: int = 5,
        through_proxy: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(worker, index, kinds, rate=rate, through_proxy=through_proxy)
        self._in_flight = in_flight
        self._session = Session()
        self._sequences: dict[tuple[str, int], int] = defaultdict(int)
        self._pending: deque[Sent] = deque()

    def run(self) -> None:
        """Work until the worker stops, or the broker refuses what no fault explains."""
        self._begin_session()
        while True:
            try:
                if len(self._pending) < self._in_flight and not self._worker.stopping.is_set():
                    self._send_another()
                elif not self._pending or not self._take_answer():
                    return
            except OSError:
                self._send_all_again()

    def _begin_session(self) -> None:
        patience = Patience(f"{self._name}: InitProducerId")
        request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0)
        while (answer := ask_until_answered(self._connection, request, INIT_PRODUCER_ID)).error_code:
            patience.wait(answer.error_code)
        self._session = Session(answer.producer_id, answer.producer_epoch)
        self._sequences.clear()

    def _send_another(self) -> None:
        chosen = self._choose()
        request = self._request(chosen, self._session, self._sequences[chosen.kind, chosen.partition])
        self._sequences[chosen.kind, chosen.partition] += chosen.count
        self._pending.append(Sent(chosen, self._invoke(chosen), request))
        self._connection.send(request, PRODUCE)

    def _take_answer(self) -> bool:
        """Take one answer. False if it ends this producer."""
        told: Any = self._connection.receive().responses[0].partition_responses[0]
        if told.error_code in RETRIABLE:
            raise ConnectionError("to be sent again")
        sent = self._pending.popleft()
        if told.error_code == OUT_OF_ORDER_SEQUENCE_NUMBER and self._may_be_forgotten(sent):
            self._go_on_anew(sent)
        elif told.error_code not in {0, DUPLICATE_SEQUENCE_NUMBER}:
            sent.operation.fail(error=told.error_code)
            return False
        else:
            sent.operation.ok(offset=-1 if told.error_code else told.base_offset, count=sent.chosen.count)
        return True

    def _may_be_forgotten(self, sent: Sent) -> bool:
        """Whether a restarted broker may not know the batch: Kafka's snapshots keep a producer's last one only."""
        where = sent.chosen.kind, sent.chosen.partition
        return sent.again and any(
            (each.chosen.kind, each.chosen.partition) == where for each in self._pending
        )

    def _go_on_anew(self, sent: Sent) -> None:
        """Nobody can tell any more what was appended: begin another session, as the Java client does."""
        for each in (sent, *self._pending):
            each.operation.unknown(error="its sequence is forgotten")
        self._pending.clear()
        self._connection.close()
        self._begin_session()

    def _send_all_again(self) -> None:
        while True:
            self._connection.close()
            self._connection.connect()
            try:
                for sent in self._pending:
                    sent.again = True
                    self._connection.send(sent.request, PRODUCE)
            except OSError:
                continue
            return
