"""A producer and the consumers of a group with confluent-kafka, where that is installed: a worker."""

import time
from typing import Any

import trio
from confluent_kafka import Consumer, Producer
from drive import worker
from drive.worker import Counts

from mix.kafka_python import CONSUMER_S, CONSUMERS, RECORD_BYTES, in_thread

TOPIC, GROUP = "librdkafka", "librdkafka"
POLL_S = 0.5


async def work(counts: Counts, *, ready: Any, port: int, rate: float) -> None:
    """Produce 20 records a second, and consume them, with a new consumer in place of an old one now and then."""
    settings = {"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0}
    async with trio.open_nursery() as nursery:
        nursery.start_soon(in_thread, _produce, counts, settings, rate)
        for number in range(CONSUMERS):
            nursery.start_soon(in_thread, _consume, counts, settings, CONSUMER_S * (1 + number / CONSUMERS))
        ready()


def _produce(counts: Counts, settings: dict[str, Any], rate: float) -> None:
    def delivered(error: Any, _message: Any) -> None:
        if error is not None:
            raise RuntimeError(f"not delivered: {error}")
        counts["requests"] += 1
        counts["produced"] += 1

    producer = Producer(settings | {"enable.idempotence": True})
    while True:
        producer.produce(TOPIC, bytes(RECORD_BYTES), on_delivery=delivered)
        producer.poll(0)
        time.sleep(1 / (20 * rate))


def _consume(counts: Counts, settings: dict[str, Any], stay_s: float) -> None:
    while True:
        consumer = Consumer(settings | {"group.id": GROUP, "auto.offset.reset": "latest"})
        consumer.subscribe([TOPIC])
        until = time.monotonic() + stay_s
        while time.monotonic() < until:
            message = consumer.poll(POLL_S)
            if message is not None and message.error() is None:
                counts["consumed"] += 1
        consumer.close()
        counts["rebalances"] += 1


if __name__ == "__main__":
    worker.run(work)
