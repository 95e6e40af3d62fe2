"""One connection that produces batches made once, so many requests in flight, to each partition in turn."""

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
    requests: int,
    warm_up: int,
    batch_records: int = 64,
    record_bytes: int = 1024,
    in_flight: int = 5,
    partitions_a_request: int = 1,
) -> Generator[None, None, dict[str, Any]]:
    """Send `warm_up` requests, then `requests`; the result counts the records of both as acknowledged."""
    connection, batch = Connection(port), batch_of(batch_records, record_bytes)
    prepared = [
        produce(topic, dict.fromkeys(range(first, min(partitions, first + partitions_a_request)), batch))
        for first in range(0, partitions, partitions_a_request)
    ]

    def send(count: int) -> None:
        for number in range(count + in_flight):
            if number >= in_flight:
                check_produced(connection.receive(), topic)
            if number < count:
                connection.send(prepared[number % len(prepared)])

    send(warm_up)
    yield
    send(requests)
    in_one = batch_records * min(partitions_a_request, partitions)
    return {"records": requests * in_one, "acknowledged": (warm_up + requests) * in_one}


if __name__ == "__main__":
    gate.run(load)
