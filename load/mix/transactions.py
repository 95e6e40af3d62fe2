"""Transactional producers: commits, aborts, offsets in transactions, and some that are gone in the middle of one."""

import random
from itertools import count
from typing import Any

import trio
from drive.client import Client, UnexpectedError, well
from drive.worker import Counts

from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.records import encode_batch
from kbroker.protocol.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from mix.pace import Pace
from mix.streams import fetch, produce, records

NOT_YET = {14, 15, 16, 51}  # the coordinator is not there yet, or still at work
TRANSACTIONS_A_PRODUCER = 20
RECORDS = 3


async def transacting(counts: Counts, port: int, pace: Pace, topic: str, partition: int) -> None:
    """One transactional id, again and again as a new producer that fences the one before."""
    name = f"transactional-{partition}"
    while True:
        client = await Client.dial(port)
        try:
            producer = TransactionalProducer(client, name, topic, partition)
            await producer.begin()
            for _ in range(TRANSACTIONS_A_PRODUCER):
                base = await producer.write()
                await producer.commit_offset(f"{name}-group")
                committed = random.random() < 0.7
                if not committed and random.random() < 0.2:
                    counts["left open"] += 1
                    break
                await producer.end(committed=committed)
                if committed:
                    await producer.check(base)
                counts["transactions"] += 1
                counts["requests"] += 6
                await pace.turn()
        finally:
            client.close()


class TransactionalProducer:
    """One that writes to one partition."""

    def __init__(self, client: Client, name: str, topic: str, partition: int) -> None:
        self._client = client
        self._name = name
        self._topic = topic
        self._partition = partition
        self._identity = (-1, -1)
        self._sequences = count(step=RECORDS)

    async def begin(self) -> None:
        """Get an id and an epoch; what a predecessor left open is aborted."""
        request = InitProducerIdRequest(self._name, transaction_timeout_ms=60_000)
        given = await self._settled(request, 4)
        well(given.error_code, f"InitProducerId of {self._name}")
        self._identity = (given.producer_id, given.producer_epoch)

    async def write(self) -> int:
        """Begin a transaction with a batch; its base offset."""
        added = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self._name,
            v3_and_below_producer_id=self._identity[0],
            v3_and_below_producer_epoch=self._identity[1],
            v3_and_below_topics=[AddPartitionsToTxnTopic(self._topic, [self._partition])],
        )
        while True:
            answer = await self._client.ask(added, 3)
            error = answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
            if error not in NOT_YET:
                break
            await trio.sleep(0.05)
        well(error, f"AddPartitionsToTxn of {self._name}")
        batch = encode_batch(
            records(RECORDS),
            producer_id=self._identity[0],
            producer_epoch=self._identity[1],
            base_sequence=next(self._sequences),
            transactional=True,
        )
        answer = await self._client.ask(produce(self._topic, self._partition, bytes(batch), self._name), 9)
        (written,) = answer.responses[0].partition_responses
        well(written.error_code, f"Produce in a transaction of {self._name}")
        return int(written.base_offset)

    async def commit_offset(self, group: str) -> None:
        """Have the transaction commit an offset of a group."""
        well(
            (await self._settled(AddOffsetsToTxnRequest(self._name, *self._identity, group), 3)).error_code,
            f"AddOffsetsToTxn of {self._name}",
        )
        topic = TxnOffsetCommitRequestTopic(
            self._topic, [TxnOffsetCommitRequestPartition(self._partition, 1)]
        )
        request = TxnOffsetCommitRequest(self._name, group, *self._identity, topics=[topic])
        answer = await self._client.ask(request, 3)
        well(answer.topics[0].partitions[0].error_code, f"TxnOffsetCommit of {self._name}")

    async def end(self, *, committed: bool) -> None:
        """End the transaction."""
        request = EndTxnRequest(self._name, *self._identity, committed=committed)
        well((await self._settled(request, 3)).error_code, f"EndTxn of {self._name}")

    async def check(self, base_offset: int) -> None:
        """Raise UnexpectedError unless a reader of what is committed is given the batch."""
        request = fetch(self._topic, self._partition, base_offset, committed=True)
        (data,) = (await self._client.ask(request, 11)).responses[0].partitions
        well(data.error_code, f"Fetch of {self._topic}")
        if not data.records:
            raise UnexpectedError(
                f"{self._topic}-{self._partition}: {base_offset} is committed and not readable"
            )

    async def _settled(self, request: Any, version: int) -> Any:
        while True:
            answer = await self._client.ask(request, version)
            if answer.error_code not in NOT_YET:
                return answer
            await trio.sleep(0.05)
