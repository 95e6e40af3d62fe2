"""A connection's bytes in pieces: frames, and the header that each begins with."""

from collections.abc import Iterator

from fixtures import outcome
from fixtures.frames import every_version, frame_of
from fixtures.source import Source

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.frame_buffer import INITIAL_CAPACITY, FrameBuffer
from kbroker.protocol.frames import parse_request_header

MAX_FRAME = 20_000


def check(data: bytes) -> None:
    """Frames come out whole, in order, and the buffer is never much larger than what is in it."""
    source = Source(data)
    piece = source.pick((1 << 20, 1, 3, 4, 5, 17, 1000, 4096))
    stream = source.rest()
    buffer = FrameBuffer(MAX_FRAME)
    received = consumed = frames = most_held = 0
    try:
        while received < len(stream):
            space = buffer.space()
            assert len(space), "there is no room for more"
            part = stream[received : received + min(piece, len(space))]
            space[: len(part)] = part
            received += len(part)
            buffer.received(len(part))
            most_held = max(most_held, received - consumed)
            while (frame := buffer.next_frame()) is not None:
                size = len(frame)
                expected = stream[consumed : consumed + 4 + size]
                assert size.to_bytes(4, "big") + bytes(frame) == expected, "another frame than was sent"
                consumed += 4 + size
                frames += 1
                _header(frame)
            assert buffer.capacity <= 2 * most_held + INITIAL_CAPACITY, "more memory than was ever needed"
    except ProtocolError as error:
        outcome.note("refused", str(error).split()[0])
    outcome.note(min(frames, 5))
    buffer.trim()


def _header(frame: memoryview) -> None:
    try:
        header = parse_request_header(frame)
    except ProtocolError as error:
        outcome.note("header", str(error).split()[0])
    else:
        assert 0 < header.body <= len(frame), "the body begins outside of the frame"


def seeds() -> Iterator[bytes]:
    """Requests of each API, one and several after another, and TLS."""
    for api, version in every_version():
        frame = frame_of(api, version, api.request())
        yield b"\0" + len(frame).to_bytes(4, "big") + frame
        yield b"\5" + (len(frame).to_bytes(4, "big") + frame) * 3
    yield b"\0\x16\x03\x01\0\xa5\x01\0\0\xa1"
    yield b"\6" + (9000).to_bytes(4, "big") + bytes(9000)
