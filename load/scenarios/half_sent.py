"""2,000 clients that send the first MiB of a large request and no more; four go on producing whole ones."""

from typing import Any

import trio
from bench.loads.batches import batch_of
from bench.wire import check_produced, create_topics, produce
from drive import worker
from drive.client import Client
from drive.worker import Counts

TITLE = "2,000 halves of large requests"
CLIENTS, SENT, CLAIMED, DIALLING = 2_000, 1 << 20, 50 << 20, 50
PRODUCERS, FRAME = 4, 900_000
TOPIC = "whole"


async def prepare(port: int, _scale: float) -> None:
    """Make the topic of those that send whole requests."""
    client = await Client.dial(port)
    await client.ask_raw(create_topics({TOPIC: PRODUCERS}))
    client.close()


async def work(counts: Counts, *, ready: Any, port: int, scale: float) -> None:
    """Send as much as the broker takes; who is cut off comes again."""
    dialling = trio.CapacityLimiter(DIALLING)
    half = CLAIMED.to_bytes(4, "big") + bytes(SENT)
    batch = batch_of(9, FRAME // 9)

    async def stall() -> None:
        while True:
            try:
                async with dialling:
                    client = await Client.dial(port)
                    with trio.move_on_after(1):  # what the broker doesn't read stays in the kernels' buffers
                        await client.send(half)
                while await client.socket.recv(1):
                    pass
            except OSError:
                pass
            counts["cut off"] += 1
            client.close()

    async def go_on(partition: int) -> None:
        client, request = await Client.dial(port), produce(TOPIC, {partition: batch})
        while True:
            check_produced((await client.ask_raw(request))[4:], TOPIC)
            counts["MB produced"] += FRAME / 1e6
            await trio.sleep(0.05)

    async with trio.open_nursery() as nursery:
        for _ in range(max(1, int(CLIENTS * scale))):
            nursery.start_soon(stall)
        for number in range(PRODUCERS):
            nursery.start_soon(go_on, number)
        await trio.sleep(3)
        ready()


if __name__ == "__main__":
    worker.run(work)
