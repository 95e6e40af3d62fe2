"""What appending to and reading from a partition's log costs, in µs a call, on the disk of the temporary directory.

Run: python benchmarks/micro/log_append_read.py
"""

import tempfile
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from kbroker.clock import SystemClock
from kbroker.config.topic import TopicConfig
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.log_store import LocalLogStore


def now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def timed(name: str, times: int, call: Callable[[int], object]) -> None:
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for number in range(times // 5):
            call(number)
        best = min(best, (time.perf_counter() - began) / (times // 5))
    print(f"{name:<40} {best * 1e6:8.2f} µs")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        data_dir = DataDir(directory)
        store = LocalLogStore(data_dir, LogEnvironment(SystemClock()))
        log = now(store.partition("bench", bytes(range(16)), 0, TopicConfig()))
        for size in (200, 1024, 16 * 1024, 128 * 1024):
            batch = memoryview(encode_batch([Record(0, time.time_ns() // 1_000_000, None, bytes(size))]))
            header = parse_header(batch)
            append = partial(log.append, batch, header)
            timed(
                f"append {size} B", 20_000 if size < 10_000 else 1_000, lambda _, append=append: now(append())
            )
        batch = memoryview(encode_batch([Record(0, time.time_ns() // 1_000_000, None, bytes(1024))]))
        header = parse_header(batch)
        for _ in range(50_000):
            now(log.append(batch, header))
        end = log.high_watermark
        timed(
            "append and read the newest, 1 KiB",
            20_000,
            lambda _: (now(log.append(batch, header)), now(log.read(log.high_watermark - 1, 1 << 20))),
        )
        timed("read at the end, nothing new", 20_000, lambda _: now(log.read(log.high_watermark, 1 << 20)))
        timed("read 16 KiB somewhere", 5_000, lambda n: now(log.read(end - 45_000 + n * 7, 16_384)))
        timed("read 1 MiB somewhere", 500, lambda n: now(log.read(end - 45_000 + n * 7, 1 << 20)))
        timed(
            "bytes available from somewhere", 5_000, lambda n: now(log.available_bytes(end - 45_000 + n, 1))
        )
        store.close()
        data_dir.close()


main()
