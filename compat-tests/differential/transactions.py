"""Transactions for scenarios: what is said is in the version that the scenario is about, or in one that is named."""

from collections import Counter
from typing import Any

from attrs import define, field

from differential.batches import TRANSACTIONAL, batch
from differential.conversation import Conversation
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.produce import ProduceRequest

CONCURRENT = 51
NOT_YET = (14, 15, 16, CONCURRENT)  # the coordinator is not there, or still at work
NOT_ENOUGH_REPLICAS = 19


def settled(answer: Any) -> bool:
    """Whether an answer is the last word: Apache Kafka ends transactions after it has answered."""
    return answer.error_code not in NOT_YET


@define
class Producer:
    """A transactional producer of a conversation; what it does is recorded unless said otherwise."""

    run: Conversation
    name: str
    producer_id: int = -1
    epoch: int = -1
    sequences: Counter[tuple[str, int]] = field(factory=Counter)  # the next of each partition

    def begin(self, label: str | None = None, version: int = 4, **given: Any) -> "Producer":
        """InitProducerId; recorded with a label only."""
        asked = {"transactional_id": self.name, "transaction_timeout_ms": 60_000, **given}
        if label is None:
            while not settled(answer := self.run.first.quietly(InitProducerIdRequest, version, **asked)):
                pass
            self.run.symbols.name("producer", answer.producer_id)
        else:
            answer = self.run.ask(label, InitProducerIdRequest, version=version, until=settled, **asked)
        if answer.error_code == 0:
            self.goes_on_with(answer)
        return self

    def goes_on_with(self, answer: Any) -> None:
        """Take over the id and epoch that an answer tells."""
        self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
        self.sequences.clear()

    def add(self, topic: str, *partitions: int, version: int = 3) -> None:
        """AddPartitionsToTxn, unrecorded."""
        while True:
            answer = self.run.first.quietly(
                AddPartitionsToTxnRequest,
                version,
                v3_and_below_transactional_id=self.name,
                v3_and_below_producer_id=self.producer_id,
                v3_and_below_producer_epoch=self.epoch,
                v3_and_below_topics=[{"name": topic, "partitions": list(partitions)}],
            )
            code = answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
            if code not in NOT_YET:
                assert code == 0, code
                return

    def batch(self, *values: bytes, sequence: int = 0, epoch: int | None = None) -> bytes:
        """A batch of the producer's."""
        producer = (self.producer_id, self.epoch if epoch is None else epoch, sequence)
        return batch(values or (b"v",), attributes=TRANSACTIONAL, producer=producer)

    def write(self, topic: str, *values: bytes, partition: int = 0, version: int = 11) -> None:
        """Produce, unrecorded. Up to version 11 the partition must have been added."""
        sequence = self.sequences[topic, partition]
        parts = [{"index": partition, "records": self.batch(*values, sequence=sequence)}]
        while True:
            answer = self.run.first.quietly(
                ProduceRequest,
                version,
                transactional_id=self.name,
                acks=-1,
                timeout_ms=5000,
                topic_data=[{"name": topic, "partition_data": parts}],
            )
            code = answer.responses[0].partition_responses[0].error_code
            if code not in (*NOT_YET, NOT_ENOUGH_REPLICAS):
                assert code == 0, code
                self.sequences[topic, partition] += max(len(values), 1)
                return

    def end(self, *, commit: bool = True, version: int = 3) -> None:
        """EndTxn, unrecorded; returns when the transaction has ended, not only when that is certain."""
        asked = {
            "transactional_id": self.name,
            "producer_id": self.producer_id,
            "producer_epoch": self.epoch,
            "committed": commit,
        }
        first = None
        while first is None or not settled(self.run.first.quietly(EndTxnRequest, version, **asked)):
            answer = self.run.first.quietly(EndTxnRequest, version, **asked)
            first = first or (answer if answer.error_code == 0 else None)
        if version >= 5:
            self.goes_on_with(first)


def read(
    run: Conversation,
    label: str,
    topic: str,
    partition: int = 0,
    *,
    committed: bool = True,
    version: int = 12,
) -> Any:
    """What a reader is given, recorded."""
    part = {"partition": partition, "fetch_offset": 0, "partition_max_bytes": 1 << 20}
    return run.ask(
        label,
        FetchRequest,
        version=version,
        max_wait_ms=0,
        min_bytes=0,
        max_bytes=1 << 20,
        isolation_level=int(committed),
        topics=[{"topic": topic, "partitions": [part]}],
    )
