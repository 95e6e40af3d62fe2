"""A well-behaved client: produces a record, fetches it, rests, and times both; what fair service is measured by."""

import time
from typing import Any

import trio
from bench.loads.batches import batch_of
from bench.statistics import percentile
from bench.wire import Connection, check_produced, fetch, list_offsets, produce

from drive import worker
from drive.worker import Counts

RECORD_BYTES = 1024
_latencies: list[float] = []


async def work(counts: Counts, *, ready: Any, port: int, topic: str, pause_s: float = 0.01) -> None:
    """One round after the other, `pause_s` apart."""
    connection = Connection(port)
    batch = batch_of(1, RECORD_BYTES)
    request = produce(topic, {0: batch})
    answer = connection.ask(list_offsets(topic, [0]))
    answer.take("i"), answer.string(), answer.take("i")
    offset = answer.take("ihqq")[3]
    ready()
    while True:
        began = time.perf_counter()
        check_produced(connection.ask_raw(request), topic)
        connection.send(fetch(topic, {0: offset}))
        fetched = sum(length for _, length, _ in connection.receive_lengths())
        _latencies.append(time.perf_counter() - began)
        if fetched != len(batch):
            raise RuntimeError(
                f"{fetched} bytes at offset {offset} of {topic}, not the {len(batch)} produced"
            )
        offset += 1
        counts["rounds"] += 1
        await trio.sleep(pause_s)


def figures(counts: Counts) -> dict[str, Any]:
    """Rounds, and percentiles in ms of how long one took: a Produce and a Fetch."""
    taken = [seconds * 1e3 for seconds in _latencies] or [float("nan")]
    _latencies.clear()
    return dict(counts) | {"p50": percentile(taken, 50), "p99": percentile(taken, 99), "max": max(taken)}


if __name__ == "__main__":
    worker.run(work, figures)
