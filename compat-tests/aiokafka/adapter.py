"""aiokafka, its calls made from other threads on an event loop of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code
from harness.pyclient.adapter import Adapter, Consumer, Message, Partition, Record
from harness.pyclient.main import main

LOOP = asyncio.new_event_loop()
TIMEOUT = 60


def wait(call: Coroutine[Any, Any, Any]) -> Any:
    """Make a call on the event loop."""
    return asyncio.run_coroutine_threadsafe(call, LOOP).result(TIMEOUT)


class AioConsumer(Consumer):
    def __init__(self, bootstrap: str, topics: Sequence[str], group: str | None) -> None:
        wait(self._start(bootstrap, topics, group))

    async def _start(self, bootstrap: str, topics: Sequence[str], group: str | None) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=300,
        )
        self._consumer.subscribe(topics)
        await self._consumer.start()

    def poll(self, seconds: float) -> list[Record]:
        polled = wait(self._consumer.getmany(timeout_ms=int(seconds * 1000)))
        return [
            Record(each.partition, each.offset, each.key, each.value, tuple(each.headers), each.timestamp)
            for batch in polled.values()
            for each in batch
        ]

    def assignment(self) -> set[Partition]:
        return {(part.topic, part.partition) for part in self._consumer.assignment()}

    def commit(self) -> None:
        wait(self._consumer.commit())

    def bounds(self, partition: Partition) -> tuple[int, int]:
        at = TopicPartition(*partition)
        first = wait(self._consumer.beginning_offsets([at]))[at]
        return first, wait(self._consumer.end_offsets([at]))[at]

    def offset_for_time(self, partition: Partition, timestamp: int) -> int | None:
        at = TopicPartition(*partition)
        found = wait(self._consumer.offsets_for_times({at: timestamp}))[at]
        return None if found is None else found.offset

    def close(self) -> None:
        wait(self._consumer.stop())


class Aiokafka(Adapter):
    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        threading.Thread(target=LOOP.run_forever, daemon=True).start()
        wait(self._start())

    async def _start(self) -> None:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await self._admin.start()

    def close(self) -> None:
        wait(self._admin.close())
        LOOP.call_soon_threadsafe(LOOP.stop)

    def produce(
        self, topic: str, messages: Sequence[Message], codec: str | None = None, acks: int = -1
    ) -> list[tuple[int, int]]:
        return wait(self._produce(topic, messages, codec, acks))

    async def _produce(
        self, topic: str, messages: Sequence[Message], codec: str | None, acks: int
    ) -> list[tuple[int, int]]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all" if acks == -1 else acks,
            enable_idempotence=acks == -1,
            compression_type=codec,
        )
        await producer.start()
        try:
            sent = [
                await producer.send(
                    topic,
                    value=each.value,
                    key=each.key,
                    headers=list(each.headers),
                    partition=each.partition,
                    timestamp_ms=each.timestamp,
                )
                for each in messages
            ]
            placed = await asyncio.gather(*sent)
        finally:
            await producer.stop()
        return [(each.partition, each.offset) if each else (-1, -1) for each in placed]

    def consumer(self, *topics: str, group: str | None = None) -> Consumer:
        return AioConsumer(self.bootstrap, topics, group)

    def code_of(self, error: Exception) -> int | None:
        return getattr(error, "errno", None)

    def partitions(self, topic: str) -> int:
        if topic not in wait(self._admin.list_topics()):  # asking for one by name could create it
            return 0
        (described,) = wait(self._admin.describe_topics([topic]))
        return len(described["partitions"])

    def create_topic(self, name: str, partitions: int, config: Mapping[str, str] | None = None) -> None:
        new = NewTopic(name, partitions, 1, topic_configs=dict(config or {}))
        for _, code, *message in wait(self._admin.create_topics([new])).topic_errors:
            raise_for(code, *message)

    def delete_topic(self, name: str) -> None:
        for _, code in wait(self._admin.delete_topics([name])).topic_error_codes:
            raise_for(code)

    def add_partitions(self, topic: str, total: int) -> None:
        wait(self._admin.create_partitions({topic: NewPartitions(total)}))

    def topic_config(self, topic: str) -> dict[str, str]:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic)
        (response,) = wait(self._admin.describe_configs([asked]))
        ((code, _, _, _, configs),) = response.resources
        raise_for(code)
        return {config[0]: config[1] for config in configs}

    def alter_topic_config(self, topic: str, config: Mapping[str, str]) -> None:
        change = ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))
        (response,) = wait(self._admin.alter_configs([change]))
        ((code, message, *_),) = response.resources
        raise_for(code, message)

    def delete_records(self, partition: Partition, before: int) -> None:
        wait(self._admin.delete_records({TopicPartition(*partition): RecordsToDelete(before)}))

    def groups(self) -> set[str]:
        return {name for name, *_ in wait(self._admin.list_consumer_groups())}

    def group_members(self, group: str) -> tuple[str, int]:
        (response,) = wait(self._admin.describe_consumer_groups([group]))
        ((code, _, state, _, _, members, *_),) = response.groups
        raise_for(code)
        return state.lower(), len(members)

    def group_offsets(self, group: str) -> dict[Partition, int]:
        answer = wait(self._admin.list_consumer_group_offsets(group))
        return {(part.topic, part.partition): committed.offset for part, committed in answer.items()}


def raise_for(code: int, *message: str | None) -> None:
    """Raise the library's exception for an error code it left in an answer."""
    if code:
        raise for_code(code)(*message)


if __name__ == "__main__":
    main(Aiokafka)
