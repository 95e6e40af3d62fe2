"""A connection from its first byte to its end: requests in a row, cut anywhere, before and after a login."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fixtures import outcome
from fixtures.broker_thread import BrokerThread, StuckError, a_client, no_wait
from fixtures.frames import every_version, frame_of
from fixtures.source import Source

from kbroker.broker.broker import Broker
from kbroker.broker.sasl import SaslMechanisms
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.connection import ClientConnection
from kbroker.dispatch import Dispatcher
from kbroker.protocol.frame_buffer import FrameBuffer
from kbroker.sasl_gate import SaslGate

_broker = BrokerThread()
_LISTENER = Listener("SASL", "", 1, security_protocol=SecurityProtocol.SASL_PLAINTEXT)
_MAX_FRAME = 20_000


class _Client:
    """A transport whose other end sends some bytes, reads all that it is sent, and goes."""

    def __init__(self, stream: bytes, piece: int) -> None:
        self._stream = stream
        self._piece = piece
        self.answers = bytearray()
        self.closed = False

    async def handshake(self) -> str | None:
        """No TLS."""
        return None

    async def receive(self, buffer: FrameBuffer) -> bool:
        """Some more of the bytes."""
        await no_wait()
        space = buffer.space()
        part = self._stream[: min(self._piece, len(space))]
        self._stream = self._stream[len(part) :]
        space[: len(part)] = part
        buffer.received(len(part))
        return bool(part)

    def send_at_once(self, chunks: Sequence[bytes]) -> Sequence[bytes]:
        """Take what is no more than a piece."""
        if sum(map(len, chunks)) > self._piece:
            return chunks
        self.answers += b"".join(chunks)
        return ()

    async def send(self, chunks: Sequence[bytes], _stuck: Callable[[int], None]) -> None:
        """Take everything."""
        for chunk in chunks:
            self.answers += chunk

    def close(self) -> None:
        """The end."""
        self.closed = True


class _Log:
    """Where a bug would be logged."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def warning(self, cause: str, *_: object) -> None:
        """What a client did wrong."""
        outcome.note(cause)

    def exception(self, *_: object) -> None:
        """What the broker did wrong."""
        self.error = sys.exc_info()[1]


def check(data: bytes) -> None:
    """The connection ends for a reason of ours, and what was answered is whole frames."""
    source = Source(data)
    piece = source.pick((1 << 20, 1, 3, 100, 4096))
    with_sasl = source.byte() & 1
    client: Any = _Client(source.rest(), piece)
    log: Any = _Log()

    async def serve(broker: Broker, dispatcher: Dispatcher) -> None:
        handler: Any = dispatcher
        identity = a_client()
        if with_sasl:
            identity.principal = "User:ANONYMOUS"
            sasl = SaslMechanisms(broker, [_LISTENER])
            settings = broker.config.for_listener("SASL")
            handler = SaslGate(dispatcher, sasl.authentication("SASL"), settings, broker.clock)
        connection = ClientConnection(
            client,
            identity,
            handler,
            broker.response_memory,
            log,
            request_memory=broker.request_memory,
            max_frame=_MAX_FRAME,
        )
        await connection.serve()

    try:
        _broker.run(serve)
    except StuckError:  # a Fetch or JoinGroup waits for as long as it says
        outcome.note("waits")
    if log.error is not None:
        raise log.error
    assert client.closed, "the connection is still open"
    at = 0
    while at < len(client.answers):
        at += 4 + int.from_bytes(client.answers[at : at + 4], "big")
    assert at == len(client.answers), "the answers are not whole frames"


def seeds() -> Iterator[bytes]:
    """Each request alone and after others; a login, and requests after it."""

    def framed(*frames: bytes) -> bytes:
        return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)

    every = [
        bytes(frame_of(api, version, api.request()))
        for api, version in every_version()
        if api.key not in (1, 11)
    ]
    for index, frame in enumerate(every):
        yield bytes((index, 0)) + framed(frame)
        yield bytes((index, 0)) + framed(*every[index : index + 5])
    handshake = b"\0\x11\0\1\0\0\0\7\xff\xff\0\5PLAIN"
    token = b"\0\x24\0\1\0\0\0\7\xff\xff\0\0\0\x0d\0alice\0wonder"
    for index, frame in enumerate(every[::9]):
        yield bytes((index, 1)) + framed(handshake, token, frame)
    yield b"\1\1" + framed(b"\0\x11\0\0\0\0\0\7\xff\xff\0\5PLAIN", b"\0alice\0wonder", every[3])
    yield b"\0\0\x16\x03\x01\0\xa5"


close = _broker.close
