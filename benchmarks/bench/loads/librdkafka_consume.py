"""librdkafka as a consumer of all partitions by itself: its defaults, but that it goes on as soon as it can.

By default it sleeps for a second once 100,000 records wait for the application, which a faster broker brings about.
"""

import time
from collections.abc import Generator
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from bench.loads import gate

BACKOFF_MS = 10
SILENCE = 30.0
"""Seconds without a record after which the load fails."""


def load(
    *, port: int, topic: str, partitions: int, records: int, warm_up: bool = True
) -> Generator[None, None, dict[str, Any]]:
    """Read so many records from the beginning; to warm up, do it once before."""

    def read() -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": f"127.0.0.1:{port}",
                "group.id": "bench",
                "enable.auto.commit": False,
                "fetch.queue.backoff.ms": BACKOFF_MS,
            }
        )
        consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in range(partitions)])
        count, last = 0, time.monotonic()
        while count < records:
            got = consumer.consume(10_000, 0.1)
            for message in got:
                if message.error():
                    raise RuntimeError(message.error())
            if got:
                count, last = count + len(got), time.monotonic()
            elif time.monotonic() - last > SILENCE:
                raise RuntimeError(f"{count} of {records} after {SILENCE:.0f} s of silence")
        readers.append(consumer)

    readers: list[Consumer] = []
    if warm_up:
        read()
        readers.pop().close()
    yield
    began = time.perf_counter()
    read()
    return {"records": records, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    gate.run(load)
