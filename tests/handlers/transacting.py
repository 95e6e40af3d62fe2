"""A transactional producer that asks the handlers, for tests in which the transaction itself is not the point."""

from attrs import define, field

from kbroker.broker.broker import Broker
from kbroker.handlers import add_partitions_to_txn, end_txn, fetch, init_producer_id, produce
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from kbroker.protocol.end_txn import EndTxnRequest, EndTxnResponse
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic, PartitionData
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    TopicProduceData,
)
from kbroker.protocol.records import Record, encode_batch

from .conftest import context


@define
class Producer:
    """One transactional id's producer. `write` speaks Produce v11, and has to `add` before, unless told otherwise."""

    broker: Broker
    name: str = "tx"
    producer_id: int = -1
    epoch: int = -1
    sequences: dict[tuple[str, int], int] = field(factory=dict)

    async def begin(self, timeout_ms: int = 60_000) -> "Producer":
        request = InitProducerIdRequest(self.name, timeout_ms)
        answer = await init_producer_id.handle(request, context(self.broker, 4))
        assert answer.error_code == 0
        self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
        return self

    async def add(self, topic: str, *partitions: int) -> None:
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self.name,
            v3_and_below_producer_id=self.producer_id,
            v3_and_below_producer_epoch=self.epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(topic, list(partitions))],
        )
        answer = await add_partitions_to_txn.handle(request, context(self.broker, 3))
        results = answer.results_by_topic_v3_and_below[0].results_by_partition
        assert {each.partition_error_code for each in results} == {0}

    def batch(self, sequence: int, value: bytes = b"v") -> bytearray:
        return encode_batch(
            [Record(0, 1_700_000_000_000, b"k", value)],
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            base_sequence=sequence,
            transactional=True,
        )

    async def write(
        self, topic: str, partition: int = 0, value: bytes = b"v", version: int = 11
    ) -> PartitionProduceResponse:
        sequence = self.sequences.get((topic, partition), 0)
        request = ProduceRequest(
            self.name,
            acks=-1,
            topic_data=[
                TopicProduceData(
                    topic, partition_data=[PartitionProduceData(partition, self.batch(sequence, value))]
                )
            ],
        )
        answer = await produce.handle(request, context(self.broker, version))
        assert answer is not None
        result = answer.responses[0].partition_responses[0]
        if result.error_code == 0:
            self.sequences[topic, partition] = sequence + 1
        return result

    async def end(self, *, commit: bool = True, version: int = 3) -> EndTxnResponse:
        request = EndTxnRequest(self.name, self.producer_id, self.epoch, commit)
        answer = await end_txn.handle(request, context(self.broker, version))
        if version >= 5 and answer.error_code == 0:
            self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
            self.sequences.clear()
        return answer


async def read_committed(broker: Broker, topic: str, partition: int = 0) -> PartitionData:
    """What a reader of committed records is answered at once."""
    wanted = FetchPartition(partition, fetch_offset=0, partition_max_bytes=1 << 20)
    request = FetchRequest(
        replica_id=-1, max_bytes=1 << 20, isolation_level=1, topics=[FetchTopic(topic, partitions=[wanted])]
    )
    answer = await fetch.handle(request, context(broker, 11))
    return answer.responses[0].partitions[0]
