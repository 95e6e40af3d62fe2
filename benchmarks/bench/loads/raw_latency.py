"""One record at a time, from the send of its Produce to its arrival through a Fetch that was waiting for it."""

import time
from collections.abc import Generator
from typing import Any

from bench.loads import gate
from bench.loads.batches import batch_of
from bench.statistics import percentile
from bench.wire import LATEST, Connection, check_produced, fetch, list_offsets, produce

PAUSE = 0.002
"""Seconds for the Fetch to be parked at the broker before the record comes."""


def load(
    *, port: int, topic: str, records: int, warm_up: int, record_bytes: int = 100
) -> Generator[None, None, dict[str, Any]]:
    """p50 and p99 of the way through the broker and of the acknowledgement, in ms."""
    producer, consumer = Connection(port), Connection(port)
    request = produce(topic, {0: batch_of(1, record_bytes)})
    answer = producer.ask(list_offsets(topic, [0], LATEST))
    answer.take("i"), answer.string(), answer.take("i")
    offset = answer.take("ihqq")[3]

    def one() -> tuple[float, float]:
        nonlocal offset
        consumer.send(fetch(topic, {0: offset}))
        time.sleep(PAUSE)
        began = time.perf_counter()
        producer.send(request)
        while not sum(length for _, length, _ in consumer.receive_lengths()):
            consumer.send(fetch(topic, {0: offset}))
        arrived = time.perf_counter()
        check_produced(producer.receive(), topic)
        offset += 1
        return arrived - began, time.perf_counter() - began

    for _ in range(warm_up):
        one()
    yield
    there, acknowledged = zip(*(one() for _ in range(records)), strict=True)
    return {
        "p50_ms": percentile(there, 50) * 1e3,
        "p99_ms": percentile(there, 99) * 1e3,
        "ack_p99_ms": percentile(acknowledged, 99) * 1e3,
        "acknowledged": records + warm_up,
    }


if __name__ == "__main__":
    gate.run(load)
