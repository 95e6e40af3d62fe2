"""Clients of one connection, over a real socket pair, and where it runs. For the tests of `kbroker/connection.py`."""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import trio
import trio.testing
from attrs import define

from kbroker.broker.context import Connection, Endpoint
from kbroker.broker.request_memory import RequestMemory
from kbroker.broker.response_memory import ResponseMemory
from kbroker.connection import ClientConnection
from kbroker.limited_log import LimitedLog
from kbroker.outbox import Outbox, gathering
from kbroker.poller import Poller, polling
from kbroker.protocol.schema import Buffer
from kbroker.transport import SocketTransport

Handle = Callable[[bytes, Callable[[], Awaitable[None]]], Awaitable[bytes | None]]


class FakeDispatcher:
    """Answers a frame with what a function makes of it."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def handle(
        self, frame: memoryview, connection: Connection, before_wait: Callable[[], Awaitable[None]]
    ) -> list[Buffer] | None:
        answer = await self._handle(bytes(frame), before_wait)
        return None if answer is None else [len(answer).to_bytes(4, "big"), answer]


@define
class Watching:
    """Who watches the sockets, and where small answers go: nobody in particular and nowhere, or as in the server."""

    poller: Poller | None = None
    outbox: Outbox | None = None


clients: "list[Client]" = []
watching = Watching()


class Client:
    """The other end."""

    def __init__(
        self,
        handle: Handle,
        nursery: trio.Nursery,
        *,
        max_frame: int = 1 << 20,
        requests: RequestMemory | None = None,
        responses: ResponseMemory | None = None,
    ) -> None:
        ours, theirs = socket.socketpair()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.stream = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
        self.memory = responses or ResponseMemory(1 << 20)
        self.connection = ClientConnection(
            SocketTransport(theirs, watching.poller),
            Connection(len(clients), "PLAINTEXT", Endpoint("h", 1), "client"),
            FakeDispatcher(handle),  # type: ignore[arg-type]
            self.memory,
            LimitedLog(logging.getLogger("test")),
            request_memory=requests or RequestMemory(-1),
            max_frame=max_frame,
            outbox=watching.outbox,
        )
        nursery.start_soon(self.connection.serve)
        clients.append(self)

    async def send(self, *payloads: bytes) -> None:
        await self.stream.send_all(b"".join(len(p).to_bytes(4, "big") + p for p in payloads))

    async def receive(self) -> bytes:
        """One answer; empty when the connection was closed."""
        data = b""
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
            more = await self.stream.receive_some(
                4 if len(data) < 4 else 4 + int.from_bytes(data[:4], "big") - len(data)
            )
            if not more:
                return b""
            data += more
        return data[4:]


@pytest.fixture(name="nursery", params=["poller", "trio"])
async def running(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[trio.Nursery]:
    """Where connections run, with sockets watched by a `Poller` or by trio."""
    # A socket pair is no TCP connection.
    monkeypatch.setattr("kbroker.transport.socket.IPPROTO_TCP", socket.SOL_SOCKET)
    monkeypatch.setattr("kbroker.transport.socket.TCP_NODELAY", socket.SO_KEEPALIVE)
    with gathering() as outbox, polling() as poller:
        watching.poller, watching.outbox = (poller, outbox) if request.param == "poller" else (None, None)
        async with trio.open_nursery() as nursery:
            if poller is not None:
                nursery.start_soon(poller.run)
            yield nursery
            nursery.cancel_scope.cancel()
    while clients:
        clients.pop().stream.socket.close()


async def echo(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
    return frame
