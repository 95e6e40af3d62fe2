"""200 clients that fetch 16 MiB and read 1 KiB of it a second; 200 that ask for much and read nothing."""

from typing import Any

import trio
from bench.loads.batches import batch_of
from bench.wire import create_topics, fetch, produce
from drive import worker
from drive.client import Client
from drive.worker import Counts

TITLE = "200 readers of 1 KiB/s, 200 of nothing"
CLIENTS, BYTES_A_SECOND, ANSWER = 200, 1024, 16 << 20
TOPIC, SMALL = "read-slowly", "not-read"
BATCH, BATCHES = 1 << 20, 32
SMALL_BATCH, AT_ONCE = 30_000, 200  # answers that are made in memory, and more than the kernels' buffers take


async def prepare(port: int, _scale: float) -> None:
    """Have something to be read."""
    client = await Client.dial(port)
    await client.ask_raw(create_topics({TOPIC: 1, SMALL: 1}))
    request = produce(TOPIC, {0: batch_of(16, BATCH // 16 - 100)})
    for _ in range(BATCHES):
        await client.ask_raw(request)
    await client.ask_raw(produce(SMALL, {0: batch_of(1, SMALL_BATCH)}))
    client.close()


async def work(counts: Counts, *, ready: Any, port: int, scale: float) -> None:
    """Ask for much and take little. Who is cut off, as those who take nothing must be, comes again."""
    fetching = fetch(TOPIC, {0: 0}, partition_bytes=ANSWER)
    many = fetch(SMALL, {0: 0}) * AT_ONCE

    async def read_slowly() -> None:
        while True:
            client = await Client.dial(port)
            try:
                while True:
                    await client.send(fetching)
                    await read_answer(client)
            except (OSError, EOFError):
                counts["readers cut off"] += 1
            finally:
                client.close()

    async def read_answer(client: Client) -> None:
        left = int.from_bytes(await client.exactly(4), "big")
        if left < BATCH:
            counts["empty answers"] += 1
        while left:
            data = await client.exactly(min(left, BYTES_A_SECOND))
            left -= len(data)
            counts["bytes read"] += len(data)
            await trio.sleep(1)

    async def read_nothing() -> None:
        while True:
            client = await Client.dial(port)
            try:
                await client.send(many)
                await trio.sleep(60)
            except OSError:
                counts["cut off"] += 1
            finally:
                client.close()

    async with trio.open_nursery() as nursery:
        for _ in range(max(1, int(CLIENTS * scale))):
            nursery.start_soon(read_slowly)
            nursery.start_soon(read_nothing)
        await trio.sleep(5)
        ready()


if __name__ == "__main__":
    worker.run(work)
