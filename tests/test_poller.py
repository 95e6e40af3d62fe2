"""The poller loses no byte and no end, whatever comes between two waits, and watches only while it is asked to."""

import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
import trio
import trio.testing

from kbroker.poller import PIECE, WORTH_EXPECTING, PolledSource, Poller, polling

pytestmark = pytest.mark.skipif(not Poller.is_there(), reason="this system has no epoll")


@pytest.fixture
async def poller() -> AsyncIterator[Poller]:
    with polling() as poller:
        assert poller is not None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(poller.run)
            yield poller
            nursery.cancel_scope.cancel()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours, non-blocking, and the client's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def tcp() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours, non-blocking, and the client's, over TCP, which alone knows how much is expected."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


async def test_what_came_before_and_during_a_wait_ends_it(
    poller: Poller, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    theirs.send(b"a")
    source = poller.watch(ours)
    with trio.fail_after(5):
        await source.wait()
        assert ours.recv(10) == b"a"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(source.wait)
            await trio.testing.wait_all_tasks_blocked()
            theirs.send(b"b")
    assert ours.recv(10) == b"b"
    source.close()


async def test_what_came_while_nobody_waited_ends_the_next_wait(
    poller: Poller, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    source = poller.watch(ours)
    theirs.send(b"a")
    await trio.testing.wait_all_tasks_blocked()
    with trio.fail_after(5):
        await source.wait()
    assert ours.recv(10) == b"a"
    source.close()


async def test_an_end_that_came_with_the_last_bytes_is_not_waited_for(
    poller: Poller, ends: tuple[socket.socket, socket.socket]
) -> None:
    """There is one edge for both."""
    ours, theirs = ends
    source = poller.watch(ours)
    theirs.send(b"last")
    theirs.shutdown(socket.SHUT_WR)
    with trio.fail_after(5):
        await source.wait()
        assert ours.recv(10) == b"last"
        await source.wait()
        assert ours.recv(10) == b""
    source.close()


async def test_a_connection_that_the_client_only_ended_for_its_part_is_not_broken(
    poller: Poller, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    source = poller.watch(ours)
    theirs.shutdown(socket.SHUT_WR)
    await trio.testing.wait_all_tasks_blocked()
    assert source.ending
    assert not source.broken
    theirs.close()
    await trio.testing.wait_all_tasks_blocked()
    assert source.broken
    source.close()


async def test_a_wait_is_a_checkpoint_and_can_be_given_up(
    poller: Poller, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    source = poller.watch(ours)
    with trio.move_on_after(0) as given_up:
        await source.wait()
    assert given_up.cancelled_caught
    source.wake()
    with trio.move_on_after(0) as given_up:
        await source.wait()
    assert given_up.cancelled_caught
    theirs.send(b"a")  # goes to the next who waits
    with trio.fail_after(5):
        await source.wait()
    source.close()


async def test_closing_ends_a_wait_and_the_number_may_be_used_again(poller: Poller) -> None:
    for _ in range(3):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            source = poller.watch(ours)
            with trio.fail_after(5):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(source.wait)
                    await trio.testing.wait_all_tasks_blocked()
                    source.close()
    assert not poller._sources


async def test_a_socket_that_cannot_be_watched_is_not_kept(
    poller: Poller, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, _ = ends
    descriptor = ours.fileno()
    source = poller.watch(ours)
    with pytest.raises(FileExistsError):
        poller._epoll.register(descriptor)
    source.close()
    ours.close()
    with pytest.raises(ValueError, match="negative"):
        poller.watch(ours)
    assert not poller._sources


async def test_clients_are_heard_also_when_trio_has_put_the_instrument_away(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Poller, timeout: float) -> None:
        raise MemoryError

    monkeypatch.setattr(Poller, "after_io_wait", fail)
    with polling() as poller:
        assert poller is not None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(poller.run)
            ours, theirs = ends
            source = poller.watch(ours)
            for _ in range(2):
                theirs.send(b"a")
                with trio.fail_after(5):
                    await source.wait()
                assert ours.recv(10) == b"a"
            source.close()
            nursery.cancel_scope.cancel()


async def still_waits(source: PolledSource, missing: int) -> bool:
    """Whether nothing ends a wait within a moment."""
    with trio.move_on_after(0.05) as moment:
        await source.wait(missing)
    return moment.cancelled_caught


async def test_a_few_of_the_bytes_expected_end_no_wait_and_all_of_them_do(
    poller: Poller, tcp: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = tcp
    source = poller.watch(ours)
    theirs.send(bytes(WORTH_EXPECTING - 1))
    assert await still_waits(source, WORTH_EXPECTING)
    theirs.send(b"a")
    with trio.fail_after(5):
        await source.wait(WORTH_EXPECTING)
    assert ours.recv(1 << 20, socket.MSG_WAITALL) == bytes(WORTH_EXPECTING - 1) + b"a"
    theirs.send(b"b")
    with trio.fail_after(5):
        await source.wait()
    source.close()


async def test_a_large_rest_is_told_of_by_the_piece(
    poller: Poller, tcp: tuple[socket.socket, socket.socket]
) -> None:
    """Or else a client could fill what the kernel has room for, and neither would move."""
    ours, theirs = tcp
    source = poller.watch(ours)
    size = 100 * PIECE
    got = 0
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, theirs.sendall, bytes(size))
            while got < size:
                await source.wait(size - got)
                with suppress(BlockingIOError):
                    while got < size:
                        got += len(ours.recv(PIECE))
    source.close()


async def test_bytes_that_came_before_fewer_were_expected_end_a_wait(
    poller: Poller, tcp: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = tcp
    source = poller.watch(ours)
    theirs.send(bytes(WORTH_EXPECTING))
    assert await still_waits(source, 2 * WORTH_EXPECTING)
    with trio.fail_after(5):
        await source.wait(WORTH_EXPECTING)
    source.close()


@pytest.mark.parametrize("reset", [False, True])
async def test_an_end_amid_what_was_expected_ends_a_wait(
    poller: Poller, tcp: tuple[socket.socket, socket.socket], *, reset: bool
) -> None:
    ours, theirs = tcp
    source = poller.watch(ours)
    theirs.send(b"a")
    assert await still_waits(source, WORTH_EXPECTING)
    if reset:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    with trio.fail_after(5):
        await source.wait(WORTH_EXPECTING)
        assert source.ending
    source.close()
