"""50 producers that keep their pipelines full, and a disk that takes a tenth of what they send."""

from typing import Any

import trio
from bench.loads.batches import batch_of
from bench.wire import create_topics, produce
from drive import worker
from drive.client import Client
from drive.measured import Bounds
from drive.worker import Counts

TITLE = "50 producers of 1 MiB frames, disk of 20 MB/s"
PRODUCERS, FRAME, IN_FLIGHT = 50, 1_000_000, 5
DISK = 20e6  # bytes a second; without that bound one producer alone sends ten times as many
# The disk does 20 requests a second, and each of 51 clients has its turn: two turns are five seconds.
BOUNDS = Bounds(p99_ms=5_000.0, longest_ms=6_000.0)
TOPIC = "much"


async def prepare(port: int, _scale: float) -> None:
    """Make the topic."""
    client = await Client.dial(port)
    await client.ask_raw(create_topics({TOPIC: PRODUCERS}))
    client.close()


async def work(counts: Counts, *, ready: Any, port: int, scale: float) -> None:
    """Each with five requests on their way, as clients have by default."""
    batch = batch_of(10, FRAME // 10)

    async def send(client: Client, request: bytes, room: trio.Semaphore) -> None:
        while True:
            await room.acquire()
            await client.send(request)

    async def receive(client: Client, room: trio.Semaphore) -> None:
        while True:
            await client.receive()
            counts["MB"] += FRAME // 1_000_000
            room.release()

    async with trio.open_nursery() as nursery:
        for number in range(max(1, int(PRODUCERS * scale))):
            client, room = await Client.dial(port), trio.Semaphore(IN_FLIGHT)
            nursery.start_soon(send, client, produce(TOPIC, {number: batch}), room)
            nursery.start_soon(receive, client, room)
        ready()


if __name__ == "__main__":
    worker.run(work)
