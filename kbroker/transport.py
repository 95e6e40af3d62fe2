"""A client's socket under trio: receive into a buffer, send a list of chunks.

Non-blocking calls on the raw socket with `wait_readable` / `wait_writable` between them cost a third less than
trio's socket objects, and sendmsg sends record batches from where they lie.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Protocol

import trio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kbroker.protocol.frame_buffer import FrameBuffer
    from kbroker.storage.interfaces.logs import Buffer

JOIN_BELOW = 64 * 1024  # smaller answers are cheaper joined than scattered
MAX_CHUNKS = 512  # sendmsg's limit is IOV_MAX, at least 1024 wherever this runs


class Transport(Protocol):
    """One accepted connection."""

    async def handshake(self) -> str | None:
        """Agree on how to speak, before anything else; returns the principal if that tells who the client is.

        Raises RequestRefusedError, OSError.
        """
        ...

    async def receive(self, buffer: FrameBuffer) -> bool:
        """Wait for bytes and put them into `buffer`; False when the client is gone. Always a checkpoint."""
        ...

    async def send(self, chunks: Sequence[Buffer], stuck: Callable[[int], None]) -> None:
        """Send all of `chunks`. Calls `stuck(bytes left)` each time the client doesn't take any more for now."""
        ...

    def close(self) -> None:
        """Close the connection, also under tasks that wait for it."""
        ...


class SocketTransport:
    """One accepted plaintext connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock

    async def handshake(self) -> None:
        """Nothing to agree on."""

    async def receive(self, buffer: FrameBuffer) -> bool:
        """Wait for bytes and put them into `buffer`; False when the client is gone. Always a checkpoint."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                count = self._socket.recv_into(buffer.space())
            except BlockingIOError:
                continue
            buffer.received(count)
            return count > 0

    async def send(self, chunks: Sequence[Buffer], stuck: Callable[[int], None]) -> None:
        """Send all of `chunks`. Calls `stuck(bytes left)` each time the client doesn't take any more for now.

        Cancelled, it leaves part of a frame sent: nothing can follow but `close`. Raises OSError.
        """
        views = _coalesce(chunks)
        while views:
            try:
                sent = self._socket.sendmsg(views[:MAX_CHUNKS])
            except BlockingIOError:
                stuck(sum(len(view) for view in views))
                await trio.lowlevel.wait_writable(self._socket)
                continue
            _drop(views, sent)

    def close(self) -> None:
        """Close the socket, also under tasks that wait for it."""
        if self._socket.fileno() != -1:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()


def _coalesce(chunks: Sequence[Buffer]) -> list[memoryview]:
    if sum(len(chunk) for chunk in chunks) < JOIN_BELOW:
        return [memoryview(b"".join(chunks))]
    return [memoryview(chunk) for chunk in chunks if len(chunk)]


def _drop(views: list[memoryview], sent: int) -> None:
    """Take the first `sent` bytes off."""
    whole = 0
    for view in views:
        if sent < len(view):
            break
        sent -= len(view)
        whole += 1
    del views[:whole]
    if sent:
        views[0] = views[0][sent:]
