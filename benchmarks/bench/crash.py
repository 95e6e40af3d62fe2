"""After each run: kill -9, start again, and count what had been acknowledged."""

import struct
import time

from bench.trial import Trial, leaders, offsets
from bench.wire import (
    BATCH_ATTRIBUTES,
    BATCH_COUNT,
    BATCH_OVERHEAD,
    EARLIEST,
    LATEST,
    Answer,
    Connection,
    fetch,
)

CONTROL = 0x20
PARTITIONS_AT_ONCE = 50
COUNT_TIMEOUT = 300.0


def records_in(data: memoryview) -> tuple[int, int | None]:
    """Records, not markers, of whole batches one after the other, and the offset after the last batch."""
    at = count = 0
    end = None
    while at + BATCH_OVERHEAD <= len(data):
        base, length = struct.unpack_from(">qi", data, at)
        if at + BATCH_OVERHEAD + length > len(data):
            break
        (attributes, last_delta) = struct.unpack_from(">hi", data, at + BATCH_ATTRIBUTES)
        if not attributes & CONTROL:
            count += struct.unpack_from(">i", data, at + BATCH_COUNT)[0]
        end = base + last_delta + 1
        at += BATCH_OVERHEAD + length
    return count, end


def count(port: int, topic: str) -> int:
    """How many records a topic has."""
    connection = Connection(port)
    until = time.monotonic() + COUNT_TIMEOUT
    total, partitions = 0, 0
    while not partitions and time.monotonic() < until:
        partitions = leaders(connection, topic)
        time.sleep(0.02)
    for first in range(0, partitions, PARTITIONS_AT_ONCE):
        wanted = range(first, min(partitions, first + PARTITIONS_AT_ONCE))
        ends = at = None
        while (ends is None or at is None) and time.monotonic() < until:
            ends = offsets(connection, topic, wanted, LATEST)
            at = offsets(connection, topic, wanted, EARLIEST)
        if ends is None or at is None:
            raise RuntimeError(f"{topic} has no offsets after the restart")
        while left := {p: offset for p, offset in at.items() if offset < ends[p]}:
            if time.monotonic() > until:
                raise RuntimeError(f"{topic} could not be read to its end: {left}")
            total += _read(connection.ask(fetch(topic, left)), at)
    connection.close()
    return total


def _read(answer: Answer, at: dict[int, int]) -> int:
    total = 0
    answer.take("i")
    for _ in range(answer.take("i")[0]):
        answer.string()
        for _ in range(answer.take("i")[0]):
            partition, error, _high, _stable, aborted = answer.take("ihqqi")
            answer.raw(16 * max(0, aborted))
            records, end = records_in(answer.raw(max(0, answer.take("i")[0])))
            if error:
                raise RuntimeError(f"fetch after the restart: partition {partition}, error {error}")
            total += records
            at[partition] = at[partition] if end is None else end
    return total


def lost_by_crash(trial: Trial) -> int:
    """Kill the broker, start it again, and tell how many acknowledged records are missing."""
    trial.target.kill()
    trial.start()
    return sum(max(0, wanted - count(trial.port, topic)) for topic, wanted in trial.acknowledged.items())
