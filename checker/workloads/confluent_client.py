"""Workload: confluent-kafka, which is librdkafka."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import confluent_kafka
from confluent_kafka import KafkaException, TopicPartition

from workloads import settings
from workloads.client.adapter import ClientConsumer, ClientError, ClientProducer, Partition, Read
from workloads.client.parts import parts
from workloads.settings import Worker

TIMEOUT_S, TIMEOUT_MS = 8.0, 8_000


@contextmanager
def told_as_ours() -> Iterator[None]:
    """What the library raises, as ClientError."""
    try:
        yield
    except (KafkaException, RuntimeError, BufferError) as error:
        raise ClientError(str(error)) from error


class Producer:
    """A producer, whose reports a thread of its own takes."""

    def __init__(self, **settings_: Any) -> None:
        with told_as_ours():
            self._producer = confluent_kafka.Producer(settings_)
        self._closed = threading.Event()
        threading.Thread(target=self._poll, daemon=True).start()

    def _poll(self) -> None:
        while not self._closed.is_set():
            self._producer.poll(0.05)

    def send(
        self, where: Partition, key: bytes | None, value: bytes, done: Callable[[int | None, str], None]
    ) -> None:
        def reported(error: Any, message: Any) -> None:
            done(None if error else message.offset(), str(error))

        with told_as_ours():
            self._producer.produce(where[0], value, key, where[1], on_delivery=reported)

    def flush(self) -> None:
        if self._producer.flush(TIMEOUT_S):
            raise ClientError("not everything was delivered")

    def init(self) -> None:
        with told_as_ours():
            self._producer.init_transactions(TIMEOUT_S)

    def begin(self) -> None:
        with told_as_ours():
            self._producer.begin_transaction()

    def add_offsets(self, offsets: Mapping[Partition, int], consumer: ClientConsumer) -> None:
        assert isinstance(consumer, Consumer)
        with told_as_ours():
            self._producer.send_offsets_to_transaction(as_theirs(offsets), consumer.metadata(), TIMEOUT_S)

    def commit(self) -> None:
        with told_as_ours():
            self._producer.commit_transaction(TIMEOUT_S)

    def abort(self) -> None:
        with told_as_ours():
            self._producer.abort_transaction(TIMEOUT_S)

    def close(self) -> None:
        self._producer.purge()
        self._producer.flush(1)
        self._closed.set()


class Consumer:
    """A consumer."""

    def __init__(self, subscribe: str | None, assign: Sequence[Partition], **settings_: Any) -> None:
        with told_as_ours():
            self._consumer = confluent_kafka.Consumer(settings_)
            if subscribe:
                self._consumer.subscribe([subscribe])
            else:
                self._consumer.assign(
                    [TopicPartition(*each, confluent_kafka.OFFSET_BEGINNING) for each in assign]
                )

    def poll(self, seconds: float) -> list[Read]:
        with told_as_ours():
            polled = self._consumer.consume(500, seconds)
        return [
            Read(each.topic(), each.partition(), each.offset(), each.value())
            for each in polled
            if not each.error()
        ]

    def metadata(self) -> Any:
        return self._consumer.consumer_group_metadata()

    def owned(self) -> tuple[int | None, str, list[Partition]]:
        return None, "", []

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        with told_as_ours():
            done = self._consumer.commit(offsets=as_theirs(offsets), asynchronous=False)
        if failed := next((part.error for part in done if part.error), None):
            raise ClientError(str(failed))

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        with told_as_ours():
            found = self._consumer.committed([TopicPartition(*each) for each in partitions], TIMEOUT_S)
        if failed := next((part.error for part in found if part.error), None):
            raise ClientError(str(failed))
        return {(part.topic, part.partition): max(part.offset, -1) for part in found}

    def seek(self, where: Partition, offset: int) -> None:
        with told_as_ours():
            self._consumer.seek(TopicPartition(*where, offset))

    def close(self) -> None:
        self._consumer.close()


def as_theirs(offsets: Mapping[Partition, int]) -> list[TopicPartition]:
    """Offsets as the library has them."""
    return [TopicPartition(*where, offset) for where, offset in offsets.items()]


class ConfluentKafka:
    """The library, connected through the proxy."""

    def __init__(self, port: int) -> None:
        self._common = {
            "bootstrap.servers": f"127.0.0.1:{port}",
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 200,
            "log_level": 0,
        }

    def producer(self, *, idempotent: bool, transactional_id: str | None = None) -> ClientProducer:
        of_kind: dict[str, Any] = {"enable.idempotence": idempotent, "acks": -1, "linger.ms": 2}
        if transactional_id:
            of_kind |= {"transactional.id": transactional_id}
        if not idempotent:
            of_kind |= {"retries": 0, "max.in.flight": 1}
        return Producer(**self._common, **of_kind, **{"message.timeout.ms": TIMEOUT_MS})

    def consumer(
        self, group: str | None, *, subscribe: str | None = None, assign: Sequence[Partition] = (),
        committed: bool = False,
    ) -> ClientConsumer:  # fmt: skip
        of_kind: dict[str, Any] = {
            "group.id": group or "without-a-group",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed" if committed else "read_uncommitted",
            "session.timeout.ms": 3000,
            "heartbeat.interval.ms": 300,
            "fetch.wait.max.ms": 50,
        }
        return Consumer(subscribe, assign, **self._common, **of_kind)


def all_parts(worker: Worker) -> Sequence[Callable[[], None]]:
    """The workload with this library."""
    return parts(worker, ConfluentKafka(worker.proxy), ["plain", "rolled", "packed", "ledger", "output"])


if __name__ == "__main__":
    settings.run(all_parts)
