"""Workload: kafka-python."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from workloads import settings
from workloads.client.adapter import ClientConsumer, ClientError, ClientProducer, Partition, Read
from workloads.client.parts import parts
from workloads.settings import Worker

TIMEOUT_S, TIMEOUT_MS = 5.0, 5_000


@contextmanager
def told_as_ours() -> Iterator[None]:
    """What the library raises, as ClientError."""
    try:
        yield
    except (KafkaError, OSError, AssertionError, RuntimeError, ValueError) as error:
        raise ClientError(f"{type(error).__name__}: {error}") from error


class Producer:
    """A KafkaProducer."""

    def __init__(self, **settings_: Any) -> None:
        with told_as_ours():
            self._producer = KafkaProducer(**settings_)

    def send(
        self, where: Partition, key: bytes | None, value: bytes, done: Callable[[int | None, str], None]
    ) -> None:
        with told_as_ours():
            future = self._producer.send(where[0], value, key, partition=where[1])
        future.add_callback(lambda told: done(told.offset, ""))
        future.add_errback(lambda error: done(None, f"{type(error).__name__}: {error}"))

    def flush(self) -> None:
        with told_as_ours():
            self._producer.flush(TIMEOUT_S)

    def init(self) -> None:
        with told_as_ours():
            self._producer.init_transactions()

    def begin(self) -> None:
        with told_as_ours():
            self._producer.begin_transaction()

    def add_offsets(self, offsets: Mapping[Partition, int], consumer: ClientConsumer) -> None:
        assert isinstance(consumer, Consumer)
        with told_as_ours():
            self._producer.send_offsets_to_transaction(as_theirs(offsets), consumer.metadata())

    def commit(self) -> None:
        with told_as_ours():
            self._producer.commit_transaction()

    def abort(self) -> None:
        with told_as_ours():
            self._producer.abort_transaction()

    def close(self) -> None:
        with suppress(KafkaError):
            self._producer.close(0)


class Assignments(ConsumerRebalanceListener):
    """Knows what was assigned last, and in which generation: later the consumer may be in the next already."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self.last: tuple[int | None, str, list[Partition]] = (None, "", [])

    def on_partitions_assigned(self, assigned: Any) -> None:
        metadata = self._consumer.group_metadata()
        self.last = metadata.generation_id, metadata.member_id, [tuple(each) for each in assigned]

    def on_partitions_revoked(self, revoked: Any) -> None:
        pass


class Consumer:
    """A KafkaConsumer."""

    def __init__(self, subscribe: str | None, assign: Sequence[Partition], **settings_: Any) -> None:
        with told_as_ours():
            self._consumer = KafkaConsumer(**settings_)
            self._assignments = Assignments(self._consumer)
            if subscribe:
                self._consumer.subscribe([subscribe], listener=self._assignments)
            else:
                self._consumer.assign([TopicPartition(*each) for each in assign])

    def poll(self, seconds: float) -> list[Read]:
        with told_as_ours():
            polled = self._consumer.poll(int(seconds * 1000))
        return [
            Read(record.topic, record.partition, record.offset, record.value)
            for records in polled.values()
            for record in records
        ]

    def metadata(self) -> Any:
        return self._consumer.group_metadata()

    def owned(self) -> tuple[int | None, str, list[Partition]]:
        return self._assignments.last

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        with told_as_ours():
            self._consumer.commit(as_theirs(offsets), timeout_ms=TIMEOUT_MS)

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        with told_as_ours():
            found = {
                each: self._consumer.committed(TopicPartition(*each), timeout_ms=TIMEOUT_MS)
                for each in partitions
            }
        return {where: -1 if offset is None else offset for where, offset in found.items()}

    def seek(self, where: Partition, offset: int) -> None:
        with told_as_ours():
            self._consumer.seek(TopicPartition(*where), offset)

    def close(self) -> None:
        with suppress(KafkaError):
            self._consumer.close(autocommit=False, timeout_ms=1000)


def as_theirs(offsets: Mapping[Partition, int]) -> dict[Any, Any]:
    """Offsets as the library has them."""
    return {TopicPartition(*where): OffsetAndMetadata(offset, "", -1) for where, offset in offsets.items()}


class KafkaPython:
    """The library, connected through the proxy."""

    def __init__(self, port: int) -> None:
        self._bootstrap = f"127.0.0.1:{port}"

    def producer(self, *, idempotent: bool, transactional_id: str | None = None) -> ClientProducer:
        of_kind: dict[str, Any] = (
            {} if idempotent else {"retries": 0, "max_in_flight_requests_per_connection": 1}
        )
        return Producer(
            bootstrap_servers=self._bootstrap, enable_idempotence=idempotent, transactional_id=transactional_id,
            acks="all", max_block_ms=TIMEOUT_MS, request_timeout_ms=3000, delivery_timeout_ms=TIMEOUT_MS,
            reconnect_backoff_ms=20, reconnect_backoff_max_ms=200, **of_kind,
        )  # fmt: skip

    def consumer(
        self, group: str | None, *, subscribe: str | None = None, assign: Sequence[Partition] = (),
        committed: bool = False,
    ) -> ClientConsumer:  # fmt: skip
        return Consumer(
            subscribe, assign, bootstrap_servers=self._bootstrap, group_id=group, auto_offset_reset="earliest",
            enable_auto_commit=False, isolation_level="read_committed" if committed else "read_uncommitted",
            partition_assignment_strategy=[RangePartitionAssignor], metadata_max_age_ms=5000,
            session_timeout_ms=3000, heartbeat_interval_ms=300, reconnect_backoff_ms=20,
            reconnect_backoff_max_ms=200,
        )  # fmt: skip


def all_parts(worker: Worker) -> Sequence[Callable[[], None]]:
    """The workload with this library."""
    return parts(worker, KafkaPython(worker.proxy), ["plain", "rolled", "ledger", "output"])


if __name__ == "__main__":
    logging.disable()
    settings.run(all_parts)
