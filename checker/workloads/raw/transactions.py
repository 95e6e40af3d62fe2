"""Transactions, request by request: as clients spoke before KIP-890 (`old`), and as they speak since."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from workloads.patience import Patience
from workloads.raw.connection import Connection
from workloads.raw.producing import produce_request
from workloads.raw.records import Session, batch
from workloads.settings import Worker

INIT_PRODUCER_ID, ADD_PARTITIONS, ADD_OFFSETS = 4, 3, 3  # versions
OLD = {"produce": 11, "offsets": 4, "end": 4}
NEW = {"produce": 12, "offsets": 5, "end": 5}
CONCURRENT_TRANSACTIONS = 51
RETRIED = {3, 5, 6, 7, 14, 15, 16, CONCURRENT_TRANSACTIONS}
TIMEOUT_MS = 60_000
Offsets = list[tuple[str, int, int, int]]  # topic, partition, from, to


class RefusedError(Exception):
    """The broker refused what no fault explains."""


class Transactor:
    """A transactional id, and the one transaction it may have open."""

    def __init__(
        self, worker: Worker, name: str, producer: int, *, old: bool, through_proxy: bool = False
    ) -> None:
        self._recorder, self._name, self._producer, self._old = worker.recorder, name, producer, old
        self._versions = OLD if old else NEW
        self._connection = Connection(worker.proxy if through_proxy else worker.direct)
        self._session = Session()
        self._sequences: dict[tuple[str, int], int] = defaultdict(int)
        self._added: set[object] = set()
        self._next = 0
        self._transaction = 0
        self._recorder.info(name, "producer", producer=producer, idempotent=True, transactional=True)

    def fence(self) -> None:
        """Begin a session; a transaction that was left open is aborted, or its commit completed."""
        self._transaction += 1
        self._added.clear()
        operation = self._recorder.invoke(self._name, "fence", producer=self._producer)
        request = InitProducerIdRequest(transactional_id=self._name, transaction_timeout_ms=TIMEOUT_MS)
        answer = self._until_done("InitProducerId", request, INIT_PRODUCER_ID, lambda told: told.error_code)
        if answer.error_code:
            operation.fail(error=answer.error_code)
            raise RefusedError
        operation.ok()
        self._enter(answer.producer_id, answer.producer_epoch)

    def append(self, topic: str, partition: int, count: int) -> None:
        """Append records in the transaction. RefusedError if the broker refuses."""
        first, self._next = self._next, self._next + count
        operation = self._recorder.invoke(
            self._name, "append", topic=topic, partition=partition, producer=self._producer, first=first,
            count=count, transaction=self._transaction,
        )  # fmt: skip
        if self._old and (topic, partition) not in self._added:
            request = AddPartitionsToTxnRequest(
                transactions=[], v3_and_below_transactional_id=self._name,
                v3_and_below_producer_id=self._session.producer_id,
                v3_and_below_producer_epoch=self._session.epoch,
                v3_and_below_topics=[AddPartitionsToTxnTopic(topic, [partition])],
            )  # fmt: skip
            answer = self._until_done("AddPartitionsToTxn", request, ADD_PARTITIONS, _code_of_added)
            self._check(operation, _code_of_added(answer))
            self._added.add((topic, partition))
        data = batch(self._producer, first, count, self._session, self._sequences[topic, partition])
        answer = self._until_done(
            "Produce",
            produce_request(topic, partition, data, transactional_id=self._name),
            self._versions["produce"],
            _code_of_produced,
        )
        self._check(operation, _code_of_produced(answer))
        self._sequences[topic, partition] += count
        operation.ok(offset=answer.responses[0].partition_responses[0].base_offset, count=count)

    def add_offsets(self, group: str, offsets: Offsets) -> None:
        """Let the transaction commit a group's offsets. RefusedError if the broker refuses."""
        ids: dict[str, Any] = {"transactional_id": self._name, "group_id": group}
        session: dict[str, Any] = {
            "producer_id": self._session.producer_id,
            "producer_epoch": self._session.epoch,
        }
        operation = self._recorder.invoke(self._name, "add_offsets", group=group)
        if self._old and group not in self._added:
            request: Any = AddOffsetsToTxnRequest(**ids, **session)
            answer = self._until_done("AddOffsetsToTxn", request, ADD_OFFSETS, lambda told: told.error_code)
            self._check(operation, answer.error_code)
            self._added.add(group)
        topics = [
            TxnOffsetCommitRequestTopic(topic, [TxnOffsetCommitRequestPartition(partition, to, -1, None)])
            for topic, partition, _, to in offsets
        ]
        request = TxnOffsetCommitRequest(**ids, **session, member_id="", topics=topics)
        answer = self._until_done("TxnOffsetCommit", request, self._versions["offsets"], _code_of_offsets)
        self._check(operation, _code_of_offsets(answer))
        operation.ok()

    def end(
        self, *, commit: bool, group: str | None = None, offsets: Sequence[tuple[str, int, int, int]] = ()
    ) -> None:
        """Commit or abort, and be ready for the next transaction. RefusedError if the broker refuses."""
        operation = self._begin_end(commit, group, offsets)
        answer = self._until_done(
            "EndTxn", self._end_request(commit), self._versions["end"], lambda t: t.error_code
        )
        self._check(operation, answer.error_code)
        operation.ok()
        self._transaction += 1
        self._added.clear()
        if not self._old:
            self._enter(answer.producer_id, answer.producer_epoch)

    def end_without_waiting(
        self, group: str | None = None, offsets: Sequence[tuple[str, int, int, int]] = ()
    ) -> None:
        """Ask for the commit and go away: `fence` must come next."""
        operation = self._begin_end(True, group, offsets)
        try:
            self._connection.connect()
            self._connection.send(self._end_request(True), self._versions["end"])
        except OSError:
            pass
        self._connection.close()
        operation.unknown()

    def _begin_end(
        self, commit: bool, group: str | None, offsets: Sequence[tuple[str, int, int, int]]
    ) -> Any:
        return self._recorder.invoke(
            self._name, "end", producer=self._producer, transaction=self._transaction, commit=commit, group=group,
            offsets=list(offsets),
        )  # fmt: skip

    def _end_request(self, commit: bool) -> EndTxnRequest:
        return EndTxnRequest(
            transactional_id=self._name, producer_id=self._session.producer_id,
            producer_epoch=self._session.epoch, committed=commit,
        )  # fmt: skip

    def _enter(self, producer_id: int, epoch: int) -> None:
        session = Session(producer_id, epoch, transactional=True)
        if session != self._session:
            self._session = session
            self._sequences.clear()

    def _check(self, operation: Any, error: int) -> None:
        if error:
            operation.fail(error=error)
            raise RefusedError(error)

    def _until_done(self, what: str, request: Any, version: int, code: Callable[[Any], int]) -> Any:
        """Ask until the answer is no error that passes. Raises StuckError after too long."""
        patience = Patience(f"{self._name}: {what}")
        while True:
            error: object
            try:
                answer = self._connection.ask(request, version)
            except OSError as lost:
                error = lost
            else:
                error = code(answer)
                if error not in RETRIED:
                    return answer
            patience.wait(error)


def _code_of_produced(answer: Any) -> int:
    return int(answer.responses[0].partition_responses[0].error_code)


def _code_of_added(answer: Any) -> int:
    return int(answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code)


def _code_of_offsets(answer: Any) -> int:
    return next(
        (part.error_code for topic in answer.topics for part in topic.partitions if part.error_code), 0
    )
