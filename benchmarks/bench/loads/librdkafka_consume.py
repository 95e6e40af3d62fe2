"""librdkafka as a consumer, its defaults: all partitions by itself, or what a group gives it."""

import time
from collections.abc import Generator
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from bench.loads import gate

SILENCE = 30.0
"""Seconds without a record after which the load fails."""


def load(
    *,
    port: int,
    topic: str,
    partitions: int,
    records: int,
    group: str | None = None,
    quiet: float = 4.0,
    warm_up: bool = True,
) -> Generator[None, None, dict[str, Any]]:
    """Read so many records from the beginning. A member of a group reads until nothing came for `quiet` seconds."""

    def consumer() -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": f"127.0.0.1:{port}",
                "group.id": group or "bench",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": group is not None,
            }
        )

    def read(reader: Consumer) -> tuple[int, float, float]:
        count, first, last = 0, 0.0, time.time()
        while group is not None or count < records:
            got = reader.consume(10_000, 0.1)
            for message in got:
                if message.error():
                    raise RuntimeError(message.error())
            if got:
                last = time.time()
                first = first or last
                count += len(got)
            elif group is not None and time.time() - last > (quiet if count else SILENCE):
                break
            elif time.time() - last > SILENCE:
                raise RuntimeError(f"{count} of {records} after {SILENCE:.0f} s of silence")
        return count, first, last

    def assigned() -> Consumer:
        reader = consumer()
        reader.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in range(partitions)])
        return reader

    if group is None and warm_up:
        reader = assigned()
        read(reader)
        reader.close()
    yield
    began = time.perf_counter()
    if group is None:
        reader = assigned()
    else:
        reader = consumer()
        reader.subscribe([topic])
    count, first, last = read(reader)
    return {"records": count, "seconds": time.perf_counter() - began, "first": first, "last": last}


if __name__ == "__main__":
    gate.run(load)
