"""confluent-kafka, which is librdkafka."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import confluent_kafka
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
from harness.pyclient.adapter import Adapter, Consumer, Message, NotOfferedError, Partition, Record
from harness.pyclient.main import main

TIMEOUT = 30


class ConfluentConsumer(Consumer):
    def __init__(self, bootstrap: str, topics: Sequence[str], group: str | None) -> None:
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group or "without-a-group",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "enable.auto.offset.store": True,
                "session.timeout.ms": 10_000,
                "heartbeat.interval.ms": 300,
                "fetch.wait.max.ms": 100,
                "topic.metadata.refresh.interval.ms": 2000,
            }
        )
        if group:
            self._consumer.subscribe(list(topics))
        else:
            known = {topic: self._consumer.list_topics(topic, TIMEOUT).topics[topic] for topic in topics}
            every = [(topic, part) for topic in topics for part in known[topic].partitions]
            self._consumer.assign([TopicPartition(*each, confluent_kafka.OFFSET_BEGINNING) for each in every])

    def poll(self, seconds: float) -> list[Record]:
        polled = self._consumer.consume(500, seconds)
        for each in polled:
            if each.error():
                raise KafkaException(each.error())
        return [
            Record(
                each.partition(),
                each.offset(),
                each.key(),
                each.value(),
                tuple(each.headers() or ()),
                each.timestamp()[1],
            )
            for each in polled
        ]

    def assignment(self) -> set[Partition]:
        return {(part.topic, part.partition) for part in self._consumer.assignment()}

    def commit(self) -> None:
        for part in self._consumer.commit(asynchronous=False):
            if part.error:
                raise KafkaException(part.error)

    def bounds(self, partition: Partition) -> tuple[int, int]:
        return self._consumer.get_watermark_offsets(TopicPartition(*partition), TIMEOUT)

    def offset_for_time(self, partition: Partition, timestamp: int) -> int | None:
        (found,) = self._consumer.offsets_for_times([TopicPartition(*partition, timestamp)], TIMEOUT)
        return found.offset if found.offset >= 0 else None

    def close(self) -> None:
        self._consumer.close()


class Confluent(Adapter):
    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self._admin = AdminClient({"bootstrap.servers": bootstrap})

    def produce(
        self, topic: str, messages: Sequence[Message], codec: str | None = None, acks: int = -1
    ) -> list[tuple[int, int]]:
        producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "acks": acks,
                "enable.idempotence": acks == -1,
                "compression.type": codec or "none",
                "linger.ms": 5,
            }
        )
        placed: dict[int, tuple[int, int]] = {}
        failed: list[Any] = []

        def deliver(index: int, error: Any, message: Any) -> None:
            if error:
                failed.append(error)
            placed[index] = (message.partition(), message.offset())

        for index, each in enumerate(messages):
            options: dict[str, Any] = {} if each.partition is None else {"partition": each.partition}
            if each.timestamp is not None:
                options["timestamp"] = each.timestamp
            producer.produce(
                topic,
                each.value,
                each.key,
                headers=list(each.headers),
                on_delivery=lambda error, message, index=index: deliver(index, error, message),
                **options,
            )
        left = producer.flush(TIMEOUT)
        if failed:
            raise KafkaException(failed[0])
        if left:
            raise TimeoutError(f"{left} records not delivered")
        return [placed[index] for index in range(len(messages))]

    def consumer(self, *topics: str, group: str | None = None) -> Consumer:
        return ConfluentConsumer(self.bootstrap, topics, group)

    def code_of(self, error: Exception) -> int | None:
        return error.args[0].code() if isinstance(error, KafkaException) else None

    def partitions(self, topic: str) -> int:
        known = self._admin.list_topics(timeout=TIMEOUT).topics.get(topic)
        return len(known.partitions) if known else 0

    def create_topic(self, name: str, partitions: int, config: Mapping[str, str] | None = None) -> None:
        new = NewTopic(name, partitions, 1, config=dict(config or {}))
        only(self._admin.create_topics([new], operation_timeout=TIMEOUT))

    def delete_topic(self, name: str) -> None:
        only(self._admin.delete_topics([name], operation_timeout=TIMEOUT))

    def add_partitions(self, topic: str, total: int) -> None:
        only(self._admin.create_partitions([NewPartitions(topic, total)]))

    def topic_config(self, topic: str) -> dict[str, str]:
        asked = ConfigResource(ConfigResource.Type.TOPIC, topic)
        return {name: entry.value for name, entry in only(self._admin.describe_configs([asked])).items()}

    def alter_topic_config(self, topic: str, config: Mapping[str, str]) -> None:
        change = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config=dict(config))
        only(self._admin.alter_configs([change]))

    def delete_records(self, partition: Partition, before: int) -> None:
        if not hasattr(self._admin, "delete_records"):
            raise NotOfferedError
        only(self._admin.delete_records([TopicPartition(*partition, before)]))

    def groups(self) -> set[str]:
        answer = self._admin.list_consumer_groups().result(TIMEOUT)
        if answer.errors:
            raise answer.errors[0]
        return {group.group_id for group in answer.valid}

    def group_members(self, group: str) -> tuple[str, int]:
        described = only(self._admin.describe_consumer_groups([group]))
        return described.state.name.lower(), len(described.members)

    def group_offsets(self, group: str) -> dict[Partition, int]:
        asked = confluent_kafka.ConsumerGroupTopicPartitions(group)
        answer = only(self._admin.list_consumer_group_offsets([asked]))
        return {(part.topic, part.partition): part.offset for part in answer.topic_partitions}

    def delete_group(self, group: str) -> None:
        only(self._admin.delete_consumer_groups([group]))


def only(futures: Mapping[Any, Future[Any]]) -> Any:
    """The result of a call about one thing."""
    (future,) = futures.values()
    return future.result(TIMEOUT)


if __name__ == "__main__":
    main(Confluent)
