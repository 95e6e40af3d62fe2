"""Copy records in transactions with aiokafka; every seventh transaction is aborted on purpose.

aiokafka sends no group metadata with the offsets, so that a member that lost its partitions isn't fenced by the
group (KIP-447); as its documentation asks, a partition has a transactional id of its own: one loop, one transaction
for each partition at a time.
"""

import asyncio
from itertools import count

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from arguments import parse

ABORT_EVERY = 7


class Producers(ConsumerRebalanceListener):
    """A producer for each partition that is assigned here."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self.by_partition: dict[TopicPartition, AIOKafkaProducer] = {}

    async def of(self, partition: TopicPartition) -> AIOKafkaProducer | None:
        """The one of a partition, for which records may come a little early; None if it isn't assigned any more."""
        for _ in range(100):
            if partition in self.by_partition:
                return self.by_partition[partition]
            await asyncio.sleep(0.05)
        return None

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        for partition in revoked:
            if producer := self.by_partition.pop(partition, None):
                await producer.stop()

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        for partition in assigned:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                transactional_id=f"copy-{partition.topic}-{partition.partition}",
                transaction_timeout_ms=10000,
            )
            await producer.start()
            self.by_partition[partition] = producer


async def main() -> None:
    given = parse()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=given.bootstrap, group_id=given.group, auto_offset_reset="earliest",
        enable_auto_commit=False, session_timeout_ms=3000, heartbeat_interval_ms=500,
        isolation_level="read_committed", max_poll_records=50,
    )  # fmt: skip
    producers = Producers(given.bootstrap)
    consumer.subscribe([given.input], listener=producers)
    await consumer.start()
    for number in count(1):
        for partition, records in (await consumer.getmany(timeout_ms=300)).items():
            producer = await producers.of(partition)
            if producer is None:
                continue
            await producer.begin_transaction()
            for record in records:
                await producer.send(given.output, record.value + b"!", record.key)
            await producer.send_offsets_to_transaction({partition: records[-1].offset + 1}, given.group)
            if number % ABORT_EVERY:
                await producer.commit_transaction()
                continue
            await producer.abort_transaction()
            consumer.seek(partition, await consumer.committed(partition) or 0)


asyncio.run(main())
