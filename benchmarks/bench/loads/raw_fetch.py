"""One connection that fetches all partitions of a topic from their beginning and reads only lengths."""

from collections.abc import Generator
from typing import Any

from bench.loads import gate
from bench.wire import Connection, fetch


def load(
    *,
    port: int,
    topic: str,
    partitions: int,
    records: int,
    batch_records: int,
    batch_bytes: int,
    warm_up: bool = True,
    passes: int = 1,
) -> Generator[None, None, dict[str, Any]]:
    """Fetch so many records from the beginning, so often.

    All batches must be alike, for offsets are reckoned from lengths.
    """
    connection = Connection(port)

    def read() -> int:
        offsets, left, total = dict.fromkeys(range(partitions), 0), records, 0
        while left > 0:
            connection.send(fetch(topic, offsets))
            for partition, length, _ in connection.receive_lengths():
                got = length // batch_bytes * batch_records
                offsets[partition] += got
                left -= got
                total += length
        return total

    if warm_up:
        read()
    yield
    total = sum(read() for _ in range(passes))
    return {"records": records * passes, "bytes": total}


if __name__ == "__main__":
    gate.run(load)
