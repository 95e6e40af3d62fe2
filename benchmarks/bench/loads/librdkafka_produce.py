"""librdkafka as a producer: plain, idempotent or transactional, its defaults else."""

import os
import time
from collections.abc import Generator
from typing import Any

from confluent_kafka import Producer

from bench.loads import gate

TRANSACTION = 20_000
"""Records in a transaction."""


def load(
    *,
    port: int,
    topic: str,
    partitions: int,
    records: int,
    warm_up: int,
    mode: str = "plain",
    record_bytes: int = 1024,
) -> Generator[None, None, dict[str, Any]]:
    """Produce to all partitions in turn, acks=all, and flush."""
    settings: dict[str, Any] = {
        "bootstrap.servers": f"127.0.0.1:{port}",
        "acks": "all",
        "queue.buffering.max.kbytes": 1 << 20,
        "enable.idempotence": mode != "plain",
        "delivery.report.only.error": True,  # a call into Python for each record would be a third of the client's work
    }
    if mode == "transactional":
        settings["transactional.id"] = f"bench-{os.getpid()}"
    producer, value = Producer(settings), os.urandom(record_bytes)
    if mode == "transactional":
        producer.init_transactions(60)
    failed: list[Any] = []

    def report(error: Any, _message: Any) -> None:
        failed.append(error)

    def send(count: int) -> None:
        for number in range(count):
            if mode == "transactional" and number % TRANSACTION == 0:
                producer.begin_transaction()
            while True:
                try:
                    producer.produce(topic, value, partition=number % partitions, on_delivery=report)
                    break
                except BufferError:
                    producer.poll(0.05)
            if number % 1000 == 0:
                producer.poll(0)
            if mode == "transactional" and (number + 1 == count or (number + 1) % TRANSACTION == 0):
                producer.commit_transaction(60)
        undelivered = producer.flush(120)
        if failed or undelivered:
            raise RuntimeError(f"{undelivered} of {count} not delivered, {len(failed)} failed: {failed[:1]}")

    send(warm_up)
    yield
    began = time.perf_counter()
    send(records)
    return {"records": records, "seconds": time.perf_counter() - began, "acknowledged": warm_up + records}


if __name__ == "__main__":
    gate.run(load)
