"""Clients that come, ask something, and go, well-behaved ones and others."""

import os
import random
import struct
from collections.abc import Awaitable, Callable

from drive.client import Client, framed
from drive.worker import Counts

from kbroker.protocol.api_versions import ApiVersionsRequest
from kbroker.protocol.metadata import MetadataRequest, MetadataRequestTopic
from mix.pace import Pace
from mix.streams import fetch


async def polite(client: Client, topic: str) -> None:
    """Ask what every client asks first."""
    await client.ask(ApiVersionsRequest("soak", "1"), 3)
    await client.ask(MetadataRequest([MetadataRequestTopic(name=topic)]), 9)


async def impatient(client: Client, topic: str) -> None:
    """Be gone before the answer."""
    await client.send(framed(MetadataRequest([MetadataRequestTopic(name=topic)]), 9))
    client.reset()


async def gone_while_parked(client: Client, topic: str) -> None:
    """Be gone while a Fetch waits for records that don't come."""
    await client.send(framed(fetch(topic, 0, 1 << 40, wait_ms=2_000), 11))
    client.close()


async def half(client: Client, topic: str) -> None:
    """Send part of a request."""
    whole = framed(MetadataRequest([MetadataRequestTopic(name=topic)]), 9)
    await client.send(whole[: random.randrange(1, len(whole))])


async def nonsense(client: Client, _topic: str) -> None:
    """Send a frame that is no request."""
    body = os.urandom(random.randrange(1, 200))
    await client.ask_raw(struct.pack(">i", len(body)) + body)


async def too_large(client: Client, _topic: str) -> None:
    """Claim to send more than is allowed."""
    await client.ask_raw(struct.pack(">i", 0x7FFFFFFF) + bytes(100))


KINDS: tuple[Callable[[Client, str], Awaitable[None]], ...] = (
    polite, polite, polite, impatient, gone_while_parked, half, nonsense, too_large,
)  # fmt: skip
WELL_BEHAVED = {polite}


async def visiting(counts: Counts, port: int, pace: Pace, topic: str) -> None:
    """One visitor after the other."""
    while True:
        kind = random.choice(KINDS)
        client = await Client.dial(port)
        try:
            await kind(client, topic)
        except (OSError, EOFError):
            if kind in WELL_BEHAVED:
                raise
        finally:
            client.close()
        counts["visitors"] += 1
        counts["requests"] += 1
        await pace.turn()
