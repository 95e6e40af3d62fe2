"""librdkafka as a member of a group that is complete before anything is read: joining is not measured."""

import time
from collections.abc import Generator
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from bench.loads import gate
from bench.loads.librdkafka_consume import BACKOFF_MS

JOIN_TIMEOUT, SILENCE = 120.0, 30.0


def load(
    *, port: int, topic: str, group: str, share: int, records: int
) -> Generator[None, None, dict[str, Any]]:
    """Join, hold still until `share` partitions are assigned, then read their `records`."""
    consumer = Consumer(
        {
            "bootstrap.servers": f"127.0.0.1:{port}",
            "group.id": group,
            "auto.offset.reset": "earliest",
            "fetch.queue.backoff.ms": BACKOFF_MS,
        }
    )

    def hold(reader: Consumer, assigned: list[TopicPartition]) -> None:
        reader.assign(assigned)
        reader.pause(assigned)

    consumer.subscribe([topic], on_assign=hold)
    until = time.monotonic() + JOIN_TIMEOUT
    while len(consumer.assignment()) != share:
        if consumer.poll(0.1) is not None or time.monotonic() > until:
            raise RuntimeError(
                f"{len(consumer.assignment())} partitions instead of {share}, or a record too early"
            )
    yield
    began = last = time.time()
    consumer.resume(consumer.assignment())
    count = 0
    while count < records:
        got = consumer.consume(10_000, 0.1)
        count += sum(message.error() is None for message in got)
        if got:
            last = time.time()
        elif time.time() - last > SILENCE:
            raise RuntimeError(f"{count} of {records} after {SILENCE:.0f} s of silence")
    return {"records": count, "seconds": last - began, "first": began, "last": last}


if __name__ == "__main__":
    gate.run(load)
