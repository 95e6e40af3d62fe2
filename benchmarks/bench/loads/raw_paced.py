"""Produce at a steady rate until told to stop: a load for others to be measured beside."""

import time
from collections.abc import Generator
from typing import Any

from bench.loads import gate
from bench.loads.batches import batch_of
from bench.statistics import percentile
from bench.wire import Connection, check_produced, produce


def load(
    *, port: int, topic: str, bytes_a_second: float, batch_records: int = 64, record_bytes: int = 1024
) -> Generator[None, None, dict[str, Any]]:
    """One request in flight; where the broker is slower than the pace the lag is told, not made up for."""
    connection = Connection(port)
    request = produce(topic, {0: batch_of(batch_records, record_bytes)})
    interval = batch_records * record_bytes / bytes_a_second
    check_produced(connection.ask_raw(request), topic)
    yield
    took: list[float] = []
    began = due = time.perf_counter()
    while not gate.told_to_stop():
        due = max(due + interval, time.perf_counter() - 0.1)
        time.sleep(max(0.0, due - time.perf_counter()))
        sent = time.perf_counter()
        check_produced(connection.ask_raw(request), topic)
        took.append(time.perf_counter() - sent)
    rate = len(took) * batch_records * record_bytes / (time.perf_counter() - began)
    return {
        "bytes_a_second": rate,
        "p50_ms": percentile(took, 50) * 1e3,
        "p99_ms": percentile(took, 99) * 1e3,
        "acknowledged": (len(took) + 1) * batch_records,
    }


if __name__ == "__main__":
    gate.run(load)
