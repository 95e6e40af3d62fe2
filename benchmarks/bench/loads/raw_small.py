"""Many producers on one event loop, each with one small record in flight: a connection and a socket each."""

import selectors
import time
from collections.abc import Generator
from typing import Any

from bench.loads import gate
from bench.loads.batches import batch_of
from bench.wire import Connection, check_produced, produce


def load(
    *,
    port: int,
    topic: str,
    partitions: int,
    producers: int,
    seconds: float,
    warm_up: float,
    record_bytes: int = 100,
) -> Generator[None, None, dict[str, Any]]:
    """Each producer sends its next record when the one before is acknowledged."""
    batch = batch_of(1, record_bytes)
    poll = selectors.EpollSelector()
    for number in range(producers):
        connection = Connection(port)
        poll.register(
            connection.socket,
            selectors.EVENT_READ,
            (connection, produce(topic, {number % partitions: batch})),
        )
    acknowledged = 0

    def rounds(duration: float) -> int:
        nonlocal acknowledged
        count = 0
        for key in poll.get_map().values():
            key.data[0].send(key.data[1])
        until = time.perf_counter() + duration
        pending = producers
        while pending:
            going_on = time.perf_counter() < until
            for key, _ in poll.select():
                answer = key.data[0].socket.recv(4096)
                if len(answer) < 4:
                    raise EOFError
                check_produced(answer[4:], topic)
                count += 1
                if going_on:
                    key.data[0].send(key.data[1])
                else:
                    pending -= 1
        acknowledged += count
        return count

    rounds(warm_up)
    yield
    count = rounds(seconds)
    return {"records": count, "acknowledged": acknowledged}


if __name__ == "__main__":
    gate.run(load)
