"""A producer and a consumer of one partition: what was acknowledged comes, once and in order."""

import os
import random
import time

import trio
from drive.client import Client, well
from drive.worker import Counts

from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kbroker.protocol.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kbroker.protocol.records import Codec, Record, encode_batch, iter_batches
from mix.pace import Pace, some_seconds

RECORDS, RECORD_BYTES = 10, 300
CODECS = (Codec.NONE, Codec.NONE, Codec.GZIP, Codec.LZ4)
RECONNECT_S = 20.0, 60.0
LATEST = -1


def produce(topic: str, partition: int, batch: bytes, transactional_id: str | None = None) -> ProduceRequest:
    """A request with one batch."""
    data = [TopicProduceData(topic, partition_data=[PartitionProduceData(partition, batch)])]
    return ProduceRequest(transactional_id, acks=-1, timeout_ms=30_000, topic_data=data)


def fetch(
    topic: str, partition: int, offset: int, *, wait_ms: int = 500, committed: bool = False
) -> FetchRequest:
    """A request for one partition, outside of any session."""
    wanted = FetchPartition(partition, fetch_offset=offset, partition_max_bytes=1 << 20)
    return FetchRequest(
        max_wait_ms=wait_ms,
        min_bytes=1,
        max_bytes=50 << 20,
        isolation_level=int(committed),
        topics=[FetchTopic(topic, partitions=[wanted])],
    )


def records(count: int = RECORDS) -> list[Record]:
    """Records of now, of bytes that hardly compress."""
    now = time.time_ns() // 1_000_000
    return [Record(number, now, b"key", os.urandom(RECORD_BYTES)) for number in range(count)]


async def producing(counts: Counts, port: int, pace: Pace, topic: str, partition: int) -> None:
    """Produce as an idempotent producer, a new one now and then."""
    while True:
        client = await Client.dial(port)
        try:
            until, sequence = some_seconds(*RECONNECT_S), 0
            given = await client.ask(InitProducerIdRequest(None, transaction_timeout_ms=60_000), 4)
            well(given.error_code, "InitProducerId")
            while trio.current_time() < until:
                batch = encode_batch(
                    records(),
                    codec=random.choice(CODECS),
                    producer_id=given.producer_id,
                    producer_epoch=given.producer_epoch,
                    base_sequence=sequence,
                )
                answer = await client.ask(produce(topic, partition, bytes(batch)), 9)
                well(answer.responses[0].partition_responses[0].error_code, f"Produce to {topic}")
                sequence += RECORDS
                counts["requests"] += 1
                counts["produced"] += RECORDS
                await pace.turn()
        finally:
            client.close()


async def consuming(counts: Counts, port: int, topic: str, partition: int) -> None:
    """Consume from the end on, and see that no offset is left out."""
    offset = None
    while True:
        client = await Client.dial(port)
        try:
            until = some_seconds(*RECONNECT_S)
            if offset is None:
                offset = await end_offset(client, topic, partition)
            while trio.current_time() < until:
                answer = await client.ask(fetch(topic, partition, offset), 11)
                (data,) = answer.responses[0].partitions
                well(data.error_code, f"Fetch of {topic} at {offset}")
                counts["requests"] += 1
                for header, _ in iter_batches(data.records or b""):
                    if header.base_offset > offset:
                        raise RuntimeError(
                            f"{topic}-{partition}: {header.base_offset} came, {offset} did not"
                        )
                    counts["consumed"] += header.last_offset + 1 - offset
                    offset = header.last_offset + 1
        finally:
            client.close()


async def end_offset(client: Client, topic: str, partition: int) -> int:
    """The offset that the next record of a partition will have."""
    wanted = [ListOffsetsTopic(topic, partitions=[ListOffsetsPartition(partition, timestamp=LATEST)])]
    answer = await client.ask(ListOffsetsRequest(replica_id=-1, topics=wanted), 2)
    (found,) = answer.topics[0].partitions
    well(found.error_code, f"ListOffsets of {topic}")
    return int(found.offset)
