"""A client's socket under trio: receive into a buffer, send a list of chunks.

Non-blocking calls on the raw socket with waits between them cost a third less than trio's socket objects. sendmsg sends
record batches from where they lie in memory, sendfile from where they lie on disk.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Protocol

import trio

from kbroker.storage.interfaces.file_region import FileRegion, in_memory, memory_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kbroker.poller import Poller
    from kbroker.protocol.frame_buffer import FrameBuffer
    from kbroker.storage.interfaces.logs import Buffer

JOIN_BELOW = 64 * 1024  # smaller answers are cheaper joined than scattered
AT_A_STRETCH = 4 * 1024 * 1024  # bytes, about 3 ms; then others have their turn, if the client still keeps up
MAX_CHUNKS = 512  # sendmsg's limit is IOV_MAX, at least 1024 wherever this runs
_MORE = getattr(socket, "MSG_MORE", 0)  # a packet needn't end before a file's bytes begin


class Transport(Protocol):
    """One accepted connection."""

    async def handshake(self) -> str | None:
        """Agree on how to speak, before anything else; returns the principal if that tells who the client is.

        Raises RequestRefusedError, OSError.
        """
        ...

    async def receive(self, buffer: FrameBuffer) -> bool:
        """Wait for bytes and put them into `buffer`; False when the client is gone. Always a checkpoint.

        There may be none, as after `interrupt`.
        """
        ...

    def interrupt(self) -> None:
        """Have the `receive` at hand, or else the next one, return at once."""
        ...

    def send_at_once(self, chunks: Sequence[Buffer | FileRegion]) -> Sequence[Buffer | FileRegion]:
        """Send what costs next to nothing and keeps nobody waiting; returns what is left for `send`. Raises OSError."""
        ...

    async def send(self, chunks: Sequence[Buffer | FileRegion], stuck: Callable[[int], None]) -> None:
        """Send all of `chunks`. Calls `stuck(bytes held)` each time the client doesn't take any more for now.

        What is held is memory: of parts of files there is none. Raises UnreadableFileError, OSError.
        """
        ...

    def client_left(self) -> bool:
        """Whether the connection was reset or broke, and nothing that the client sent before waits to be read.

        A client that only ends what it sends may wait for its answer.
        """
        ...

    def close(self) -> None:
        """Close the connection, also under tasks that wait for it."""
        ...


class SocketTransport:
    """One accepted plaintext connection."""

    def __init__(self, sock: socket.socket, poller: Poller | None = None) -> None:
        """Without a poller trio watches the socket, and nothing can be interrupted. Raises OSError."""
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._source = TrioSource(sock) if poller is None else poller.watch(sock)

    async def handshake(self) -> None:
        """Nothing to agree on."""

    async def receive(self, buffer: FrameBuffer) -> bool:
        """Wait for bytes and put them into `buffer`; False when the client is gone. Always a checkpoint."""
        await self._source.wait(buffer.missing)
        space = buffer.space()
        try:
            count = self._socket.recv_into(space)
        except BlockingIOError:
            return True
        buffer.received(count)
        if count == len(space):
            self._source.wake()  # there may be more
        return count > 0

    def interrupt(self) -> None:
        """See `Transport.interrupt`. By way of trio's queue, as the event loop may be about to wait."""
        trio.lowlevel.current_trio_token().run_sync_soon(self._source.wake)

    def send_at_once(self, chunks: Sequence[Buffer | FileRegion]) -> Sequence[Buffer | FileRegion]:
        """See `Transport.send_at_once`: a small answer, which most are, and which the kernel mostly has room for."""
        if sum(map(len, chunks)) >= JOIN_BELOW:
            return chunks
        answer = in_memory(chunks[0]) if len(chunks) == 1 else b"".join(map(in_memory, chunks))
        try:
            sent = self._socket.send(answer)
        except BlockingIOError:
            sent = 0
        return () if sent == len(answer) else [memoryview(answer)[sent:]]

    async def send(self, chunks: Sequence[Buffer | FileRegion], stuck: Callable[[int], None]) -> None:
        """See `Transport.send`. Cancelled, it leaves part of a frame sent: nothing can follow but `close`."""
        parts = _coalesce(chunks)
        at_a_stretch = 0
        while parts:
            try:
                sent = self._send_some(parts)
            except BlockingIOError:
                stuck(sum(map(memory_of, parts)))
                await trio.lowlevel.wait_writable(self._socket)
                at_a_stretch = 0
                continue
            if not sent:  # files can't be sent here
                parts[0] = memoryview(in_memory(parts[0]))
            _drop(parts, sent)
            if (at_a_stretch := at_a_stretch + sent) >= AT_A_STRETCH:
                await trio.lowlevel.checkpoint()
                at_a_stretch = 0

    def _send_some(self, parts: Sequence[memoryview | FileRegion]) -> int:
        """Send what can be sent at once of the first of `parts`, or of several that are in memory."""
        views: list[memoryview] = []
        for part in parts:
            if isinstance(part, FileRegion):
                if not views:
                    return part.send_to(self._socket.fileno())
                return self._socket.sendmsg(views, (), _MORE)
            views.append(part)
            if len(views) == MAX_CHUNKS:
                break
        return self._socket.sendmsg(views)

    def client_left(self) -> bool:
        """See `Transport.client_left`."""
        return self._source.broken and not has_unread(self._socket)

    def close(self) -> None:
        """Close the socket, also under tasks that wait for it."""
        if self._socket.fileno() != -1:
            trio.lowlevel.notify_closing(self._socket)
            self._source.close()
            self._socket.close()


class TrioSource:
    """As `poller.PolledSource`, where there is no epoll."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    @property
    def broken(self) -> bool:
        """Whether the connection was reset."""
        return was_reset(self._socket)

    async def wait(self, missing: int = 0) -> None:  # noqa: ARG002  any byte ends it
        """Return when there may be something to receive. A checkpoint."""
        await trio.lowlevel.wait_readable(self._socket)

    def wake(self) -> None:
        """Nothing: whatever is there to be received ends each wait."""

    def close(self) -> None:
        """Nothing is kept."""


def has_unread(sock: socket.socket) -> bool:
    """Whether bytes that were received wait in a non-blocking socket."""
    try:
        return bool(socket.socket.recv(sock, 1, socket.MSG_PEEK))
    except OSError:
        return False


def was_reset(sock: socket.socket) -> bool:
    """Whether a non-blocking TCP connection was reset or broke, and all that was received is read."""
    try:
        socket.socket.recv(sock, 1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False


def _coalesce(chunks: Sequence[Buffer | FileRegion]) -> list[memoryview | FileRegion]:
    if sum(len(chunk) for chunk in chunks) < JOIN_BELOW:
        return [memoryview(b"".join(map(in_memory, chunks)))]
    return [chunk if isinstance(chunk, FileRegion) else memoryview(chunk) for chunk in chunks if len(chunk)]


def _drop(parts: list[memoryview | FileRegion], sent: int) -> None:
    """Take the first `sent` bytes off."""
    whole = 0
    for part in parts:
        if sent < len(part):
            break
        sent -= len(part)
        whole += 1
    del parts[:whole]
    if sent:
        first = parts[0]
        if isinstance(first, FileRegion):
            first.drop(sent)
        else:
            parts[0] = first[sent:]
