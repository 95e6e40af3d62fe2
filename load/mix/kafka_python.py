"""A producer and the consumers of a group with kafka-python: a worker."""

import time
from typing import Any

import trio
from drive import worker
from drive.worker import Counts
from kafka import KafkaConsumer, KafkaProducer

TOPIC, GROUP, CONSUMERS = "kafka-python", "kafka-python", 2
RECORD_BYTES = 300
CONSUMER_S = 30.0
POLL_MS = 500


async def work(counts: Counts, *, ready: Any, port: int, rate: float) -> None:
    """Produce 20 records a second, and consume them, with a new consumer in place of an old one now and then."""
    address = f"127.0.0.1:{port}"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(in_thread, _produce, counts, address, rate)
        for number in range(CONSUMERS):
            nursery.start_soon(in_thread, _consume, counts, address, CONSUMER_S * (1 + number / CONSUMERS))
        ready()


async def in_thread(function: Any, *arguments: Any) -> None:
    """Run a loop without an end; it is left alone when it is no longer wanted."""
    await trio.to_thread.run_sync(function, *arguments, abandon_on_cancel=True)


def _produce(counts: Counts, address: str, rate: float) -> None:
    producer = KafkaProducer(bootstrap_servers=address)
    while True:
        producer.send(TOPIC, bytes(RECORD_BYTES)).get(timeout=60)
        counts["requests"] += 1
        counts["produced"] += 1
        time.sleep(1 / (20 * rate))


def _consume(counts: Counts, address: str, stay_s: float) -> None:
    while True:
        consumer = KafkaConsumer(
            TOPIC,
            bootstrap_servers=address,
            group_id=GROUP,
            auto_offset_reset="latest",
            fetch_max_wait_ms=POLL_MS,
        )
        until = time.monotonic() + stay_s
        while time.monotonic() < until:
            for batch in consumer.poll(POLL_MS).values():
                counts["consumed"] += len(batch)
        consumer.close()
        counts["rebalances"] += 1


if __name__ == "__main__":
    worker.run(work)
