"""The receive buffer gives whole frames, whatever the pieces, and never more memory than was received asks for."""

import random

import pytest

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.frame_buffer import INITIAL_CAPACITY, WIDEST, FrameBuffer

LIMIT = 1 << 20


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def receive(buffer: FrameBuffer, data: bytes) -> list[bytes]:
    """Feed all of `data`, as much at a time as there is space."""
    frames = []
    while data:
        space = buffer.space()
        count = min(len(space), len(data))
        assert count > 0
        space[:count] = data[:count]
        buffer.received(count)
        data = data[count:]
        while (found := buffer.next_frame()) is not None:
            frames.append(bytes(found))
    return frames


def test_frames_of_all_sizes_in_pieces_of_all_sizes() -> None:
    rng = random.Random(3)
    payloads = [rng.randbytes(rng.choice([0, 1, 50, 5000, 40_000, 200_000])) for _ in range(60)]
    stream = b"".join(map(frame, payloads))
    buffer = FrameBuffer(LIMIT)
    got: list[bytes] = []
    while stream:
        size = rng.choice([1, 3, 100, 10_000, 300_000])
        got += receive(buffer, stream[:size])
        stream = stream[size:]
    assert got == payloads


def test_a_frame_is_writable_in_place() -> None:
    buffer = FrameBuffer(LIMIT)
    buffer.space()[:5] = frame(b"x")
    buffer.received(5)
    view = buffer.next_frame()
    assert view is not None
    view[0] = ord("y")
    assert bytes(view) == b"y"


@pytest.mark.parametrize("prefix", [b"\xff\xff\xff\xff", b"\x80\0\0\0", (LIMIT + 1).to_bytes(4, "big")])
def test_an_impossible_size_is_refused(prefix: bytes) -> None:
    with pytest.raises(ProtocolError):
        receive(FrameBuffer(LIMIT), prefix)


def test_the_largest_frame_allowed_is_taken() -> None:
    assert receive(FrameBuffer(LIMIT), frame(bytes(LIMIT))) == [bytes(LIMIT)]


def test_a_size_prefix_alone_takes_no_memory() -> None:
    buffer = FrameBuffer(100 * LIMIT)
    receive(buffer, (100 * LIMIT).to_bytes(4, "big") + bytes(10))
    buffer.space()
    assert buffer.capacity == INITIAL_CAPACITY


def test_memory_is_at_most_twice_what_was_received() -> None:
    buffer = FrameBuffer(100 * LIMIT)
    receive(buffer, (100 * LIMIT).to_bytes(4, "big") + bytes(LIMIT))
    assert buffer.capacity <= 2 * (LIMIT + INITIAL_CAPACITY)


def test_trim_gives_memory_back_only_when_nothing_is_held() -> None:
    buffer = FrameBuffer(LIMIT)
    receive(buffer, frame(bytes(LIMIT)))
    receive(buffer, b"\0\0")
    buffer.trim()
    assert buffer.capacity > INITIAL_CAPACITY
    assert receive(buffer, b"\0\1z") == [b"z"]
    buffer.trim()
    assert buffer.capacity == INITIAL_CAPACITY


def test_it_tells_beforehand_how_it_would_grow() -> None:
    buffer = FrameBuffer(LIMIT)
    assert not buffer.is_full
    assert not buffer.grows_beyond(0)
    data = frame(bytes(100_000))
    while not buffer.is_full:
        space = buffer.space()
        space[:] = data[buffer.held : buffer.held + len(space)]
        buffer.received(len(space))
    assert buffer.held == buffer.capacity == INITIAL_CAPACITY
    capacity, size = buffer.growth()
    assert size == 100_000
    assert buffer.grows_beyond(capacity - 1)
    assert not buffer.grows_beyond(capacity)
    buffer.space()
    assert buffer.capacity == capacity
    assert not buffer.is_full


def test_it_knows_what_is_missing_of_a_frame() -> None:
    buffer = FrameBuffer(LIMIT)
    assert buffer.missing == 0
    receive(buffer, frame(b"abc") + b"\0\0\0")
    assert buffer.missing == 0
    receive(buffer, b"\5" + b"de")
    assert buffer.missing == 3
    assert receive(buffer, b"fgh") == [b"defgh"]
    assert buffer.missing == 0


def test_it_is_worth_widening_when_frames_filled_it() -> None:
    buffer = FrameBuffer(LIMIT)
    assert not buffer.wider()
    receive(buffer, frame(bytes(100)))
    assert not buffer.wider(), "there was room for more"
    receive(buffer, frame(bytes(50_000)))
    assert buffer.capacity == 50_004
    assert buffer.wider() == 4 * 50_004


def test_part_of_a_large_frame_alone_is_no_reason_to_widen() -> None:
    buffer = FrameBuffer(LIMIT)
    receive(buffer, frame(bytes(100_000))[:INITIAL_CAPACITY])
    assert buffer.is_filled
    assert not buffer.wider()


def test_widened_it_holds_what_it_held() -> None:
    buffer = FrameBuffer(LIMIT)
    first, second = frame(bytes(5000)), frame(bytes(range(200)))
    receive(buffer, first)
    assert receive(buffer, (first + second)[:5004]) == [bytes(5000)]
    space = buffer.space()
    space[: len(second)] = second
    buffer.received(5)
    buffer.widen(buffer.capacity * 4)
    assert receive(buffer, second[5:] + first) == [bytes(range(200)), bytes(5000)]


def test_it_is_widened_up_to_a_limit() -> None:
    buffer = FrameBuffer(LIMIT)
    receive(buffer, frame(bytes(100_000)))
    assert buffer.wider() == WIDEST
    receive(buffer, frame(bytes(WIDEST)))
    assert not buffer.wider()
