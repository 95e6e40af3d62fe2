"""All that raw clients do in a soak, in one process: a worker."""

import random
from typing import Any

import trio
from drive import worker
from drive.client import Client
from drive.worker import Counts

from mix.members import being_a_member
from mix.pace import Pace
from mix.streams import consuming, producing
from mix.topics import create, making_topics
from mix.transactions import transacting
from mix.visitors import visiting

STREAM, TRANSACTED, COMPACTED = "stream", "transacted", "compacted"
PARTITIONS, GROUPS, MEMBERS, PRODUCERS, VISITORS = 4, 3, 3, 2, 4
SMALL = {"retention_bytes": str(4 << 20), "segment_bytes": str(1 << 20)}


async def work(counts: Counts, *, ready: Any, port: int, rate: float, seed: int = 1) -> None:
    """Requests of every kind, `rate` times as many as by default."""
    random.seed(seed)
    client = await Client.dial(port)
    await create(client, STREAM, PARTITIONS, **SMALL)
    await create(client, TRANSACTED, PRODUCERS, **SMALL)
    await create(
        client,
        COMPACTED,
        1,
        cleanup_policy="compact",
        segment_bytes=str(1 << 20),
        max_compaction_lag_ms="60000",
    )
    client.close()
    async with trio.open_nursery() as nursery:
        run = nursery.start_soon
        for partition in range(PARTITIONS):
            run(consuming, counts, port, STREAM, partition)
            run(producing, counts, port, Pace(8 * rate), STREAM, partition)
        run(producing, counts, port, Pace(4 * rate), COMPACTED, 0)
        for number in range(GROUPS * MEMBERS):
            run(being_a_member, counts, port, Pace(4 * rate), f"group-{number % GROUPS}", STREAM)
        for number in range(PRODUCERS):
            run(transacting, counts, port, Pace(2 * rate), TRANSACTED, number)
        run(making_topics, counts, port, Pace(0.5 * rate))
        for _ in range(VISITORS):
            run(visiting, counts, port, Pace(2 * rate), STREAM)
        ready()


if __name__ == "__main__":
    worker.run(work)
