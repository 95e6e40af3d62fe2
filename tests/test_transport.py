"""The socket transport sends every byte in order, however little the other end takes at a time."""

import errno
import os
import random
import socket
import struct
from pathlib import Path

import pytest
import trio
import trio.testing

from kbroker.poller import Poller, polling
from kbroker.protocol.frame_buffer import FrameBuffer
from kbroker.storage.interfaces.file_region import FileRegion, OpenRegions, in_memory
from kbroker.transport import AT_A_STRETCH, SocketTransport


async def pair(poller: Poller | None = None) -> tuple[SocketTransport, trio.SocketStream]:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    stream = await trio.open_tcp_stream("127.0.0.1", listeners[0].socket.getsockname()[1])
    accepted, _ = await listeners[0].socket.accept()
    await listeners[0].aclose()
    return SocketTransport(socket.socket(fileno=accepted.detach()), poller), stream


@pytest.mark.parametrize(
    "sizes", [[3, 0, 5], [100_000, 1, 0, 400_000], [10] * 2000, [1000] * 1500, [2_000_000]]
)
async def test_all_chunks_arrive_in_order(sizes: list[int]) -> None:
    rng = random.Random(1)
    chunks = [rng.randbytes(size) for size in sizes]
    transport, stream = await pair()
    got = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(transport.send, chunks, lambda left: None)
        while len(got) < sum(sizes):
            got += await stream.receive_some(rng.randint(1, 100_000))
    assert bytes(got) == b"".join(chunks)
    transport.close()
    await stream.aclose()


@pytest.mark.parametrize("files_are_sent", [True, False])
async def test_parts_of_files_arrive_between_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files_are_sent: bool
) -> None:
    rng = random.Random(2)
    content = rng.randbytes(3_000_000)
    (tmp_path / "segment").write_bytes(content)
    with (tmp_path / "segment").open("rb") as file:
        regions = OpenRegions(10)
        chunks: list[bytes | FileRegion] = [
            b"head",
            FileRegion(file.fileno(), 5, 400_000, regions, print),
            FileRegion(file.fileno(), 0, 1, regions, print),
            *(rng.randbytes(10) for _ in range(600)),
            b"",
            FileRegion(file.fileno(), 1_000_000, 2_000_000, regions, print),
        ]
    expected = b"".join(map(in_memory, chunks))
    if not files_are_sent:

        def refuse(*arguments: object) -> int:
            raise OSError(errno.EINVAL, "not here")

        monkeypatch.setattr(os, "sendfile", refuse)
    transport, stream = await pair()
    transport._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 50_000)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50_000)
    got = bytearray()
    told: list[int] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(transport.send, chunks, told.append)
        await trio.testing.wait_all_tasks_blocked()  # the client takes no more for now
        while len(got) < len(expected):
            got += await stream.receive_some(rng.randint(1, 100_000))
    assert bytes(got) == expected
    assert told
    assert (max(told) <= 6004) == files_are_sent, "what is left in its file is not held"
    transport.close()
    await stream.aclose()


@pytest.mark.parametrize("sizes", [[5], [3, 0, 5], [30_000, 20_000]])
async def test_a_small_answer_is_sent_at_once(sizes: list[int]) -> None:
    chunks = [random.Random(3).randbytes(size) for size in sizes]
    transport, stream = await pair()
    assert not transport.send_at_once(chunks)
    assert await stream.receive_some(100_000) == b"".join(chunks)
    transport.close()
    await stream.aclose()


async def test_what_is_not_sent_at_once_is_left() -> None:
    transport, stream = await pair()
    large = [bytes(100_000)]
    assert transport.send_at_once(large) is large
    transport._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20_000)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
    sent = 0
    while not (left := transport.send_at_once([b"x" * 30_000])):
        sent += 30_000
    sent += 30_000 - len(left[0])
    assert transport.send_at_once(left) == left
    got = 0
    while got < sent:
        got += len(await stream.receive_some(100_000))
    assert got == sent
    transport.close()
    await stream.aclose()


async def test_others_have_their_turn_while_much_is_sent() -> None:
    transport, stream = await pair()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    transport._send_some = lambda parts: min(len(parts[0]), 1_000_000)  # type: ignore[method-assign]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(others)
        await transport.send([bytes(AT_A_STRETCH * 5)], lambda held: None)
        nursery.cancel_scope.cancel()
    assert turns >= 2
    transport.close()
    await stream.aclose()


async def test_what_is_stuck_is_told() -> None:
    transport, stream = await pair()
    told: list[int] = []
    with trio.move_on_after(0.05):
        await transport.send([bytes(50_000_000)], told.append)
    assert told
    assert 0 < told[-1] < 50_000_000
    transport.close()
    await stream.aclose()


async def test_receive_fills_the_buffer_and_tells_of_the_end() -> None:
    transport, stream = await pair()
    buffer = FrameBuffer(100)
    await stream.send_all(b"\0\0\0\1x")
    assert await transport.receive(buffer)
    assert bytes(buffer.next_frame() or b"") == b"x"
    await stream.aclose()
    assert not await transport.receive(buffer)
    transport.close()


@pytest.mark.parametrize("polled", [True, False])
@pytest.mark.parametrize(("unread", "reset"), [(False, True), (True, True), (False, False), (True, False)])
async def test_a_client_left_that_was_reset_and_has_nothing_to_be_read(
    polled: bool, unread: bool, reset: bool
) -> None:
    with polling() as poller:
        if polled and poller is None:
            pytest.skip("this system has no epoll")
        async with trio.open_nursery() as nursery:
            if poller is not None:
                nursery.start_soon(poller.run)
            transport, stream = await pair(poller if polled else None)
            if unread:
                await stream.send_all(b"x")
            if reset:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                await stream.aclose()
            else:
                await stream.send_eof()
            await trio.testing.wait_all_tasks_blocked()
            assert transport.client_left() == (reset and not unread)
            transport.close()
            await stream.aclose()
            nursery.cancel_scope.cancel()


async def test_close_wakes_who_waits() -> None:
    transport, stream = await pair()
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await transport.receive(FrameBuffer(100))

        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        transport.close()
        transport.close()
    await stream.aclose()
