"""10,000 partitions, all of which are produced to and consumed from."""

import struct
from typing import Any

import trio
from bench.loads.batches import batch_of
from bench.wire import check_produced, create_topics, fetch, list_offsets, produce
from drive import worker
from drive.client import Client
from drive.worker import Counts

TITLE = "10,000 partitions"
TOPICS, PARTITIONS, AT_ONCE = 10, 1_000, 50
RECORDS, RECORD_BYTES, EVERY_S = 1, 100, 0.2


def names(scale: float) -> list[str]:
    """The topics."""
    return [f"one-of-many-{number}" for number in range(max(1, int(TOPICS * scale)))]


async def prepare(port: int, scale: float) -> None:
    """Make the topics, and have each partition opened, for an open one stays."""
    client = await Client.dial(port)
    batch = batch_of(1, RECORD_BYTES)
    for name in names(scale):
        await client.ask_raw(create_topics({name: PARTITIONS}))
        for first in range(0, PARTITIONS, AT_ONCE):
            await _append(client, name, first, batch)
    client.close()


async def work(counts: Counts, *, ready: Any, port: int, scale: float) -> None:
    """A producer and a consumer for each topic: all of its partitions in turn, and all of them at once."""
    async with trio.open_nursery() as nursery:
        for name in names(scale):
            nursery.start_soon(_produce, counts, port, name)
            nursery.start_soon(_consume, counts, port, name)
        await trio.sleep(1)
        ready()


async def _append(client: Client, name: str, first: int, batch: bytes) -> None:
    """One batch to each of the `AT_ONCE` partitions from `first` on."""
    request = produce(name, dict.fromkeys(range(first, first + AT_ONCE), batch))
    check_produced((await client.ask_raw(request))[4:], name)


async def _produce(counts: Counts, port: int, name: str) -> None:
    client = await Client.dial(port)
    batch = batch_of(RECORDS, RECORD_BYTES)
    while True:
        for first in range(0, PARTITIONS, AT_ONCE):
            await _append(client, name, first, batch)
            counts["produced"] += AT_ONCE * RECORDS
            await trio.sleep(EVERY_S)


async def _consume(counts: Counts, port: int, name: str) -> None:
    client = await Client.dial(port)
    offsets = dict(_end_offsets(await client.ask_raw(list_offsets(name, range(PARTITIONS))), name))
    while True:
        for partition, batches in _fetched(await client.ask_raw(fetch(name, offsets)), name):
            offsets[partition] += batches * RECORDS
            counts["consumed"] += batches * RECORDS
        await trio.sleep(EVERY_S)


def _end_offsets(answer: bytes, name: str) -> list[tuple[int, int]]:
    at = 8 + 4 + 2 + len(name)
    (count,) = struct.unpack_from(">i", answer, at)
    each = struct.iter_unpack(">ihqq", answer[at + 4 : at + 4 + count * 22])
    return [(partition, offset) for partition, _, _, offset in each]


def _fetched(answer: bytes, name: str) -> list[tuple[int, int]]:
    """Partitions and how many batches came of each (Fetch version 4)."""
    at = 8 + 4 + 4 + 2 + len(name)
    (count,) = struct.unpack_from(">i", answer, at)
    at += 4
    found = []
    for _ in range(count):
        partition, error, _, _, aborted = struct.unpack_from(">ihqqi", answer, at)
        at += 26 + 16 * max(0, aborted)
        (size,) = struct.unpack_from(">i", answer, at)
        at += 4
        if error:
            raise RuntimeError(f"fetch of {name}-{partition}: error {error}")
        end, batches = at + max(0, size), 0
        while at < end:
            at += 12 + struct.unpack_from(">i", answer, at + 8)[0]
            batches += 1
        at = end
        found.append((partition, batches))
    return found


if __name__ == "__main__":
    worker.run(work)
