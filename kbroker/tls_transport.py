"""A client's socket with TLS under trio: the same as `transport`, encrypted.

OpenSSL reads from and writes to the socket itself, straight into the receive buffer and out of the chunks to be sent;
memory BIOs in between were no faster, and hold a copy of what is on its way.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import trio

from kbroker.broker.request_memory import UNCOUNTED
from kbroker.errors import RequestRefusedError
from kbroker.protocol.frame_buffer import FrameBuffer
from kbroker.storage.interfaces.file_region import FileRegion, memory_of
from kbroker.storage.interfaces.logs import Buffer
from kbroker.tls.listener import TlsListener
from kbroker.tls.principal_mapping import NoMatchingRuleError
from kbroker.transport import was_reset

HANDSHAKE_S = 30.0
PIECE = 256 * 1024  # of a file, encrypted at once
RECORD = 16 * 1024  # what one record of TLS holds at most
RECEIVE_AT_ONCE = 16 * RECORD  # then the frames at hand are handled first
_HANDSHAKE_RECORD = b"\x16"
_NOT_TLS = "the client does not speak TLS; is its security.protocol right?"


class TlsTransport:
    """One accepted connection of a listener with TLS. `linger_s`: how long a refused client may take to read why."""

    def __init__(self, sock: socket.socket, listener: TlsListener, *, linger_s: float) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket: socket.socket = sock
        self._tls: ssl.SSLSocket | None = None
        self._listener = listener
        self._linger_s = linger_s

    async def handshake(self) -> str | None:
        """Agree on keys; returns the principal of the client's certificate, None without one.

        Raises RequestRefusedError, OSError.
        """
        with trio.move_on_after(HANDSHAKE_S):
            try:
                return await self._handshake()
            except ssl.SSLError as error:
                failure = f"TLS handshake failed: {_reason(error)}"
                refusal = RequestRefusedError(failure, failure)
            except (NoMatchingRuleError, ValueError) as error:
                refusal = RequestRefusedError("TLS principal", str(error))
            await self._linger()
            raise refusal
        raise RequestRefusedError("TLS handshake", f"no TLS handshake within {HANDSHAKE_S:.0f} s")

    async def _handshake(self) -> str | None:
        await trio.lowlevel.wait_readable(self._socket)
        first = self._socket.recv(1, socket.MSG_PEEK)
        if not first:
            raise ConnectionAbortedError("the client left before the handshake")
        if first != _HANDSHAKE_RECORD:
            raise RequestRefusedError("no TLS", _NOT_TLS)
        context = self._listener.context(trio.current_time())
        tls = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        self._socket = self._tls = tls
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await trio.lowlevel.wait_readable(tls)
            except ssl.SSLWantWriteError:
                await trio.lowlevel.wait_writable(tls)
        return self._listener.principal(tls.getpeercert(binary_form=True))

    async def receive(self, buffer: FrameBuffer) -> bool:
        """Wait for bytes and put them into `buffer`; False when the client is gone. Always a checkpoint."""
        tls = self._established()
        if tls.pending():
            await trio.lowlevel.checkpoint()
        else:
            await trio.lowlevel.wait_readable(tls)
        received = 0
        while received < RECEIVE_AT_ONCE:
            if received and buffer.grows_beyond(UNCOUNTED):
                break  # growing is not for the transport to decide
            try:
                count = tls.recv_into(buffer.space())
            except ssl.SSLWantReadError:
                if received:
                    break
                await trio.lowlevel.wait_readable(tls)
                continue
            except ssl.SSLWantWriteError:
                await trio.lowlevel.wait_writable(tls)
                continue
            if not count:
                return received > 0
            buffer.received(count)
            received += count
        return True

    def interrupt(self) -> None:
        """See `Transport.interrupt`: never asked for, as nothing is sent at once."""

    def send_at_once(self, chunks: Sequence[Buffer | FileRegion]) -> Sequence[Buffer | FileRegion]:
        """See `Transport.send_at_once`: nothing, as OpenSSL may want to read first."""
        return chunks

    async def send(self, chunks: Sequence[Buffer | FileRegion], stuck: Callable[[int], None]) -> None:
        """See `Transport.send`. Cancelled, it leaves part of a frame sent: nothing can follow but `close`.

        Of a file, the piece that is being sent is held.
        """
        tls = self._established()
        left = sum(map(memory_of, chunks))
        for view, counted in _records(chunks):
            piece = 0 if counted else len(view)  # of a file, in memory until all of it was sent
            while view:
                try:
                    sent = tls.send(view)
                except ssl.SSLWantWriteError:
                    stuck(left + piece)
                    await trio.lowlevel.wait_writable(tls)
                    continue
                except ssl.SSLWantReadError:
                    await trio.lowlevel.wait_readable(tls)
                    continue
                view = view[sent:]  # noqa: PLW2901
                left -= sent if counted else 0

    def client_left(self) -> bool:
        """See `Transport.client_left`."""
        return not (self._tls and self._tls.pending()) and was_reset(self._socket)

    def close(self) -> None:
        """Close the socket, also under tasks that wait for it; the client is told so if it can be at once."""
        if self._socket.fileno() == -1:
            return
        trio.lowlevel.notify_closing(self._socket)
        if self._tls is not None and self._tls.version() is not None:
            with suppress(OSError, ValueError):  # it has been told, or can't be
                self._tls.unwrap()
        self._socket.close()

    def _established(self) -> ssl.SSLSocket:
        assert self._tls is not None  # noqa: S101 - handshake comes first
        return self._tls

    async def _linger(self) -> None:
        """Let the client read the alert: closed with bytes unread, the socket would be reset under it."""
        with trio.move_on_after(self._linger_s):
            try:
                self._socket.shutdown(socket.SHUT_WR)  # what is read from now on is as it was sent
                while True:
                    await trio.lowlevel.wait_readable(self._socket)
                    if not self._socket.recv(RECORD):
                        return
            except OSError:
                return


def _records(chunks: Sequence[Buffer | FileRegion]) -> Iterator[tuple[memoryview, bool]]:
    """The chunks, with those that would fill no record of their own joined; and whether they were in memory already."""
    small: list[Buffer] = []
    size = 0
    for chunk in chunks:
        if not isinstance(chunk, FileRegion) and len(chunk) < RECORD:
            small.append(chunk)
            size += len(chunk)
            if size < RECORD:
                continue
        if size:
            yield memoryview(b"".join(small)), True
            small, size = [], 0
        if isinstance(chunk, FileRegion):
            for piece in chunk.pieces(PIECE):
                yield memoryview(piece), False
        elif len(chunk) >= RECORD:
            yield memoryview(chunk), True
    if size:
        yield memoryview(b"".join(small)), True


def _reason(error: ssl.SSLError) -> str:
    """What OpenSSL says, in words: `certificate verify failed: self-signed certificate`."""
    reason = (error.reason or error.strerror or "the client broke off").replace("_", " ").lower()
    detail = getattr(error, "verify_message", None)
    return f"{reason}: {detail}" if detail else reason
