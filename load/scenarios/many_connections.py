"""5,000 connections, each of which asks something every ten seconds."""

import random
from typing import Any

import trio
from bench.loads.batches import batch_of
from bench.wire import API_VERSIONS, create_topics, fetch, frame, metadata, produce
from drive import worker
from drive.client import Client
from drive.worker import Counts

TITLE = "5,000 connections"
CONNECTIONS, EVERY_S, DIALLING = 5_000, 10.0, 100
TOPIC = "visited"


def requests() -> list[bytes]:
    """What they ask."""
    batch = batch_of(1, 100)
    return [
        frame(API_VERSIONS, 0, b""),
        metadata([TOPIC]),
        *(produce(TOPIC, {partition: batch}) for partition in range(8)),
        fetch(TOPIC, {0: 0}, max_wait_ms=100, partition_bytes=4096),
    ]


async def prepare(port: int, _scale: float) -> None:
    """Make the topic that all of them ask for, and ask all once: what the broker loads for that stays."""
    client = await Client.dial(port)
    for request in [create_topics({TOPIC: 8}), *requests()]:
        await client.ask_raw(request)
    client.close()


async def work(counts: Counts, *, ready: Any, port: int, scale: float) -> None:
    """Dial them all, then have each ask something in its turn."""
    asked = requests()
    dialling = trio.CapacityLimiter(DIALLING)

    async def visit(client: Client) -> None:
        while True:
            await trio.sleep(random.uniform(0, 2 * EVERY_S))
            await client.ask_raw(random.choice(asked))
            counts["requests"] += 1

    async def dial() -> None:
        async with dialling:
            client = await Client.dial(port)
            await client.ask_raw(asked[0])
        visits.start_soon(visit, client)

    async with trio.open_nursery() as visits:
        async with trio.open_nursery() as dials:
            for _ in range(max(1, int(CONNECTIONS * scale))):
                dials.start_soon(dial)
        ready()


if __name__ == "__main__":
    worker.run(work)
