"""kafka-python, from 1.4.7 to 3.x."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import kafka
from harness.pyclient.adapter import Adapter, Consumer, Message, NotOfferedError, Partition, Record
from harness.pyclient.main import main
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition, errors
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

VERSION = tuple(int(part) for part in kafka.__version__.split("."))


class PythonConsumer(Consumer):
    def __init__(self, bootstrap: str, topics: Sequence[str], group: str | None) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=300,
        )
        if group:
            self._consumer.subscribe(topics)
        else:
            parts = {topic: self._consumer.partitions_for_topic(topic) for topic in topics}
            self._consumer.assign([TopicPartition(topic, part) for topic in topics for part in parts[topic]])

    def poll(self, seconds: float) -> list[Record]:
        polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        return [
            Record(each.partition, each.offset, each.key, each.value, tuple(each.headers), each.timestamp)
            for batch in polled.values()
            for each in batch
        ]

    def assignment(self) -> set[Partition]:
        return {(part.topic, part.partition) for part in self._consumer.assignment()}

    def commit(self) -> None:
        self._consumer.commit()

    def bounds(self, partition: Partition) -> tuple[int, int]:
        at = TopicPartition(*partition)
        return self._consumer.beginning_offsets([at])[at], self._consumer.end_offsets([at])[at]

    def offset_for_time(self, partition: Partition, timestamp: int) -> int | None:
        at = TopicPartition(*partition)
        found = self._consumer.offsets_for_times({at: timestamp})[at]
        return None if found is None else found.offset

    def close(self) -> None:
        self._consumer.close(autocommit=False)


class KafkaPython(Adapter):
    """Version 3, whose admin calls answer with plain dicts."""

    codecs = ("gzip", "snappy", "lz4", "zstd") if VERSION >= (2,) else ("gzip", "snappy", "lz4")
    idempotent = VERSION >= (2, 2)
    fire_and_forget = not (2, 2) <= VERSION < (3,)  # those write such a request only when the next one comes

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self._metadata = KafkaConsumer(bootstrap_servers=bootstrap)
        self._admin = KafkaAdminClient(bootstrap_servers=bootstrap)

    def close(self) -> None:
        self._metadata.close()
        self._admin.close()

    def produce(
        self, topic: str, messages: Sequence[Message], codec: str | None = None, acks: int = -1
    ) -> list[tuple[int, int]]:
        options: dict[str, Any] = {"enable_idempotence": acks == -1} if self.idempotent else {}
        producer = KafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all" if acks == -1 else acks,
            compression_type=codec,
            linger_ms=5,
            **options,
        )
        try:
            sent = [
                producer.send(
                    topic,
                    value=each.value,
                    key=each.key,
                    headers=list(each.headers),
                    partition=each.partition,
                    timestamp_ms=each.timestamp,
                )
                for each in messages
            ]
            placed = [future.get(30) for future in sent]
        finally:
            producer.close()
        return [(each.partition, each.offset) for each in placed]

    def consumer(self, *topics: str, group: str | None = None) -> Consumer:
        return PythonConsumer(self.bootstrap, topics, group)

    def code_of(self, error: Exception) -> int | None:
        return getattr(error, "errno", None)

    def partitions(self, topic: str) -> int:
        if topic not in self._metadata.topics():  # asking for one by name could create it
            return 0
        return len(self._metadata.partitions_for_topic(topic) or ())

    def create_topic(self, name: str, partitions: int, config: Mapping[str, str] | None = None) -> None:
        self._admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dict(config or {}))])

    def delete_topic(self, name: str) -> None:
        self._admin.delete_topics([name])

    def add_partitions(self, topic: str, total: int) -> None:
        self._admin.create_partitions({topic: NewPartitions(total)})

    def topic_config(self, topic: str) -> dict[str, str]:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic)
        answer = self._admin.describe_configs([asked], config_filter="all")
        return {name: config["value"] for name, config in answer["topic"][topic].items()}

    def alter_topic_config(self, topic: str, config: Mapping[str, str]) -> None:
        change = ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))
        result = self._admin.alter_configs([change])["topic"][topic]
        if found := re.search(r"\[Error (\d+)\]", result):
            raise errors.for_code(int(found[1]))(result)

    def delete_records(self, partition: Partition, before: int) -> None:
        self._admin.delete_records({TopicPartition(*partition): before})

    def groups(self) -> set[str]:
        return {group["group_id"] for group in self._admin.list_groups()}

    def group_members(self, group: str) -> tuple[str, int]:
        described = self._admin.describe_groups([group])[group]
        return described["group_state"].lower(), len(described["members"])

    def group_offsets(self, group: str) -> dict[Partition, int]:
        answer = self._admin.list_group_offsets(group)[group]
        return {(part.topic, part.partition): committed.offset for part, committed in answer.items()}

    def delete_group(self, group: str) -> None:
        result = self._admin.delete_groups([group])[group]
        if result != "OK":
            raise getattr(errors, result)


class OldKafkaPython(KafkaPython):
    """Versions 1 and 2, whose admin calls hand out what was on the wire."""

    def topic_config(self, topic: str) -> dict[str, str]:
        answer = self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        response = answer[0] if isinstance(answer, list) else answer
        return {config[0]: config[1] for config in response.resources[0][4]}

    def alter_topic_config(self, topic: str, config: Mapping[str, str]) -> None:
        answer = self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))])
        response = answer[0] if isinstance(answer, list) else answer
        code = response.resources[0][0]
        if code:
            raise errors.for_code(code)

    def delete_records(self, partition: Partition, before: int) -> None:
        if not hasattr(self._admin, "delete_records"):
            raise NotOfferedError
        super().delete_records(partition, before)

    def groups(self) -> set[str]:
        return {name for name, _ in self._admin.list_consumer_groups()}

    def group_members(self, group: str) -> tuple[str, int]:
        described = self._admin.describe_consumer_groups([group])[0]
        return described[2].lower(), len(described[5])

    def group_offsets(self, group: str) -> dict[Partition, int]:
        answer = self._admin.list_consumer_group_offsets(group)
        return {(part.topic, part.partition): committed.offset for part, committed in answer.items()}

    def delete_group(self, group: str) -> None:
        if not hasattr(self._admin, "delete_consumer_groups"):
            raise NotOfferedError
        (_, error), *_ = self._admin.delete_consumer_groups([group])
        if error is not errors.NoError:
            raise error


if __name__ == "__main__":
    main(KafkaPython if VERSION >= (3,) else OldKafkaPython)
