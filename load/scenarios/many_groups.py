"""1,000 groups of three members each, with heartbeats every three seconds and commits every five."""

import random
from typing import Any

import trio
from bench.wire import create_topics
from drive import worker
from drive.client import Client
from drive.worker import Counts
from mix.members import Member

TITLE = "1,000 groups of 3 members"
GROUPS, MEMBERS, HEARTBEAT_S, COMMIT_S = 1_000, 3, 3.0, 5.0
JOINING, SESSION_MS = 300, 45_000
TOPIC = "grouped"


async def prepare(port: int, scale: float) -> None:
    """Have each group be there, with an offset: groups stay."""
    client = await Client.dial(port)
    await client.ask_raw(create_topics({TOPIC: 1}))
    for number in range(max(1, int(GROUPS * scale))):
        member = Member(client, f"group-{number}", TOPIC)
        while not await member.commit(0):
            pass
    client.close()


async def work(counts: Counts, *, ready: Any, port: int, scale: float) -> None:
    """Join, then be a member until the end."""
    joining = trio.CapacityLimiter(JOINING)
    groups = max(1, int(GROUPS * scale))

    async def be(member: Member) -> None:
        commit_at = trio.current_time() + random.uniform(0, COMMIT_S)
        await trio.sleep(random.uniform(0, HEARTBEAT_S))
        offset = 0
        while True:
            there = await member.heartbeat()
            counts["heartbeats"] += 1
            if there and trio.current_time() >= commit_at:
                there = await member.commit(offset)
                offset += 1
                counts["commits"] += 1
                commit_at += COMMIT_S
            if not there:
                await member.join()
                counts["joins"] += 1
            await trio.sleep(HEARTBEAT_S)

    async def join_one(group: str) -> None:
        member = Member(await Client.dial(port), group, TOPIC, SESSION_MS)
        await member.join()
        counts["joins"] += 1
        members.start_soon(be, member)

    async def join(group: str) -> None:
        async with joining, trio.open_nursery() as nursery:
            for _ in range(MEMBERS):
                nursery.start_soon(join_one, group)

    async with trio.open_nursery() as members:
        async with trio.open_nursery() as joins:
            for number in range(groups):
                joins.start_soon(join, f"group-{number}")
        ready()


if __name__ == "__main__":
    worker.run(work)
