"""A raw client under trio: requests of any API and version, and whatever else can be sent to a socket."""

import socket
import struct
from typing import Any

import trio
from fixtures.frames import frame_of, read_answer

from kbroker.protocol.apis import APIS
from kbroker.protocol.fields import message_spec

SIZE = struct.Struct(">i")
RECEIVE_AT_MOST = 1 << 16


class UnexpectedError(Exception):
    """An answer that a well-behaved client must not get."""


class Client:
    """One connection to a broker on the loopback address. Raises OSError, or EOFError when it was closed."""

    def __init__(self, sock: trio.socket.SocketType) -> None:
        self.socket = sock
        self._received = bytearray()

    @classmethod
    async def dial(cls, port: int) -> "Client":
        """Connect."""
        sock = trio.socket.socket()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await sock.connect(("127.0.0.1", port))
        except BaseException:
            sock.close()
            raise
        return cls(sock)

    async def ask(self, request: Any, version: int) -> Any:
        """Send a request and receive its answer."""
        answer = await self.ask_raw(framed(request, version))
        return read_answer(APIS[message_spec(type(request)).key], version, answer)

    async def ask_raw(self, request: bytes) -> bytes:
        """Send a request and receive its answer, its size included."""
        await self.send(request)
        return await self.receive()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        view = memoryview(data)
        while view:
            view = view[await self.socket.send(view) :]

    async def receive(self) -> bytes:
        """The next answer, its size included."""
        while len(self._received) < SIZE.size:
            await self._more()
        end = SIZE.size + SIZE.unpack_from(self._received)[0]
        while len(self._received) < end:
            await self._more()
        answer = bytes(self._received[:end])
        del self._received[:end]
        return answer

    async def exactly(self, size: int) -> bytes:
        """So many bytes, and no more taken from the socket; for who reads slowly. Not to be mixed with `receive`."""
        data = b""
        while len(data) < size:
            more = await self.socket.recv(size - len(data))
            if not more:
                raise EOFError("the broker closed the connection")
            data += more
        return data

    def close(self) -> None:
        """Hang up as most clients do."""
        self.socket.close()

    def reset(self) -> None:
        """Be gone at once: the broker's side gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    async def _more(self) -> None:
        data = await self.socket.recv(RECEIVE_AT_MOST)
        if not data:
            raise EOFError("the broker closed the connection")
        self._received += data


def framed(request: Any, version: int) -> bytes:
    """A whole request, its size included."""
    frame = frame_of(APIS[message_spec(type(request)).key], version, request)
    return SIZE.pack(len(frame)) + frame


def well(error: int, what: str) -> None:
    """Raise UnexpectedError unless an error code says that all is well."""
    if error:
        raise UnexpectedError(f"{what}: error {error}")
