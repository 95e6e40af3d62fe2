"""One connection, over a real socket pair: order, batching, waiting, misbehaviour."""

import gc
import os
import socket
import weakref
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import pytest
import trio
import trio.testing

from kbroker import connection as connection_module
from kbroker.connection import STUCK_S
from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.schema import Buffer
from kbroker.transport import JOIN_BELOW

from .connection_clients import Client, clients, echo, running, watching  # noqa: F401  a fixture


async def test_pipelined_requests_are_answered_in_order(nursery: trio.Nursery) -> None:
    client = Client(echo, nursery)
    await client.send(*(b"%d" % n for n in range(100)))
    assert [await client.receive() for _ in range(100)] == [b"%d" % n for n in range(100)]


async def test_no_answer_is_sent_for_none(nursery: trio.Nursery) -> None:
    async def every_other(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes | None:
        return frame if frame.startswith(b"answer") else None

    client = Client(every_other, nursery)
    await client.send(b"quiet", b"answer 1", b"quiet", b"answer 2")
    assert await client.receive() == b"answer 1"
    assert await client.receive() == b"answer 2"


async def test_answers_before_a_parked_request_go_out_first(nursery: trio.Nursery) -> None:
    release = trio.Event()

    async def park(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        if frame == b"park":
            await before_wait()
            await release.wait()
        return frame

    client = Client(park, nursery)
    await client.send(b"first", b"park", b"last")
    assert await client.receive() == b"first"
    release.set()
    assert await client.receive() == b"park"
    assert await client.receive() == b"last"


@pytest.mark.parametrize("size", [10, 60_000, 200_000], ids=["small", "more than the client takes", "large"])
async def test_a_parked_request_may_be_answered_by_another_task(nursery: trio.Nursery, size: int) -> None:
    release = trio.Event()
    parked = trio.Event()

    async def park(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes | None:
        if frame != b"park":
            return frame
        await before_wait()
        parked.set()
        await release.wait()
        return None

    client = Client(park, nursery)
    send_parked = client.connection.identity.send_parked
    if send_parked is None:
        assert watching.outbox is None
        return
    await client.send(b"first", b"park", b"last")
    assert await client.receive() == b"first"
    await parked.wait()
    send_parked([size.to_bytes(4, "big"), bytes(size)])
    if size == 10:
        assert await client.receive() == bytes(size), "though its own task has not run yet"
    release.set()
    if size > 10:
        assert await client.receive() == bytes(size)
    assert await client.receive() == b"last"


async def test_to_answer_a_parked_request_whose_client_is_gone_harms_nobody(nursery: trio.Nursery) -> None:
    release = trio.Event()

    async def park(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> None:
        await release.wait()

    client = Client(park, nursery)
    send_parked = client.connection.identity.send_parked
    await client.send(b"park")
    await client.stream.aclose()
    await trio.testing.wait_all_tasks_blocked()
    if send_parked is not None:
        send_parked([b"answer"])
        release.set()
        await trio.testing.wait_all_tasks_blocked()
        assert client.connection.identity.send_parked is None
        send_parked([b"answer"])
    other = Client(echo, nursery)
    await other.send(b"x")
    assert await other.receive() == b"x"


async def test_the_memory_of_one_that_ended_is_given_back_at_once(nursery: trio.Nursery) -> None:
    """And not when the garbage collector gets round to it, as others are let in by what is left of the limit."""
    client = Client(echo, nursery)
    gone = weakref.ref(client.connection)
    await client.stream.aclose()
    await trio.testing.wait_all_tasks_blocked()
    gc.disable()
    try:
        clients.remove(client)
        del client
        assert gone() is None
    finally:
        gc.enable()


async def test_an_answer_counts_as_activity_of_a_client_that_waited_for_it(nursery: trio.Nursery) -> None:
    """Else whoever waited as long as an idle connection may be kept would be cut off right after its answer."""

    async def long_ago(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        client.connection.last_active = float("-inf")
        return frame

    client = Client(long_ago, nursery)
    before = trio.current_time()
    await client.send(b"x")
    assert await client.receive() == b"x"
    await trio.testing.wait_all_tasks_blocked()
    assert client.connection.last_active >= before


@pytest.mark.parametrize(
    "error", [ProtocolError("bad"), RequestRefusedError("cause", "no"), RuntimeError("bug")]
)
async def test_an_error_closes_this_connection_only(
    nursery: trio.Nursery, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        raise error

    client, other = Client(fail, nursery), Client(echo, nursery)
    await client.send(b"x")
    assert await client.receive() == b""
    assert "closed connection from client" in caplog.text
    await other.send(b"fine")
    assert await other.receive() == b"fine"


@pytest.mark.parametrize("last", [b"refused", b"bug", b"too long" * 10])
async def test_what_was_answered_before_a_request_that_ends_the_connection_is_sent(
    nursery: trio.Nursery, last: bytes
) -> None:
    async def fail(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        if frame == b"refused":
            raise RequestRefusedError("cause", "no")
        if frame == b"bug":
            raise RuntimeError("bug")
        return frame

    client = Client(fail, nursery, max_frame=20)
    await client.send(b"first", b"second", last)
    assert await client.receive() == b"first"
    assert await client.receive() == b"second"
    assert await client.receive() == b""


async def test_an_answer_is_sent_to_a_client_that_sends_no_more(nursery: trio.Nursery) -> None:
    async def later(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        await before_wait()
        await trio.testing.wait_all_tasks_blocked()
        return frame

    client = Client(later, nursery)
    await client.send(b"x")
    await client.stream.send_eof()
    assert await client.receive() == b"x"
    assert await client.receive() == b""


async def test_bytes_that_a_slow_reader_took_make_room_at_once(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    async def large(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return bytes(1_500_000)  # more than the client's memory may hold

    client = Client(large, nursery)
    await client.send(b"x")
    await trio.testing.wait_all_tasks_blocked()
    assert client.memory.room == 0
    with trio.fail_after(STUCK_S / 2):
        async with trio.open_nursery() as waiting:
            waiting.start_soon(client.memory.wait_for_room)
            await trio.testing.wait_all_tasks_blocked()
            taken = 0
            while taken < 1_000_000:
                taken += len(await client.stream.receive_some(60_000))
    assert client.memory.held > 0


async def test_a_frame_above_the_limit_closes_the_connection(
    nursery: trio.Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(echo, nursery, max_frame=10)
    await client.send(b"x" * 11)
    assert await client.receive() == b""
    assert "at most 10" in caplog.text


async def test_a_client_that_takes_no_answers_is_cut_off_and_its_memory_freed(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def large(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return bytes(500_000)

    client = Client(large, nursery)
    await client.send(b"x")
    await trio.sleep(STUCK_S / 2)
    assert client.memory.held > 0
    await trio.sleep(STUCK_S)
    assert client.memory.held == 0
    assert "took no answer" in caplog.text


async def test_a_slow_but_steady_reader_is_served(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    async def large(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return bytes(300_000)

    client = Client(large, nursery)
    await client.send(b"x")
    left = 300_004
    while left:
        await trio.sleep(STUCK_S * 0.9)
        left -= len(await client.stream.receive_some(60_000))
    assert client.memory.held == 0


async def test_a_full_pipeline_lets_others_run(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no time allowed at a stretch every request is followed by a checkpoint."""
    monkeypatch.setattr(connection_module, "MAX_UNINTERRUPTED_S", -1)
    handled = 0
    seen = []

    async def count(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        nonlocal handled
        handled += 1
        return frame

    async def watch() -> None:
        while True:
            seen.append(handled)
            await trio.lowlevel.checkpoint()

    client = Client(count, nursery)
    nursery.start_soon(watch)
    await client.send(*[b"x"] * 50)
    for _ in range(50):
        await client.receive()
    assert len(set(seen)) > 10


async def test_a_muted_client_is_answered_and_then_not_read(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    handled: list[float] = []

    async def mute(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        handled.append(trio.current_time())
        client.connection.identity.muted_until = trio.current_time() + 5
        return frame

    client = Client(mute, nursery)
    start = trio.current_time()
    await client.send(b"first", b"second")
    assert await client.receive() == b"first"
    assert trio.current_time() == start
    assert await client.receive() == b"second"
    assert [each - start for each in handled] == [0, 5]
    client.connection.cancel()  # whoever is muted can be cut off


async def test_whoever_asks_is_told_when_the_answer_is_sent_or_the_client_gone(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    told: list[bytes] = []

    async def answer(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        client.connection.identity.when_sent.append(partial(told.append, frame))
        return frame if frame == b"small" else bytes(5_000_000)

    client = Client(answer, nursery)
    await client.send(b"small")
    await client.receive()
    assert told == [b"small"]
    await client.send(b"taken")
    await trio.sleep(1)
    assert told == [b"small"]
    await client.receive()
    await trio.sleep(1)
    assert told == [b"small", b"taken"]
    await client.send(b"not taken")
    await trio.sleep(1)
    assert told == [b"small", b"taken"]
    client.connection.cancel()
    await trio.sleep(1)
    assert told == [b"small", b"taken", b"not taken"]


async def test_small_answers_that_the_client_takes_late_arrive_in_order(nursery: trio.Nursery) -> None:
    async def numbered(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return frame * 3000

    client = Client(numbered, nursery)
    numbers = [b"%04d" % number for number in range(300)]  # far more than the socket holds
    async with trio.open_nursery() as asking:

        async def ask() -> None:
            for number in numbers:
                await client.send(number)

        asking.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        assert client.connection.sending
        for number in numbers:
            assert await client.receive() == number * 3000
    assert client.memory.held == 0


async def test_the_rest_of_an_answer_does_not_wait_for_anything_else(nursery: trio.Nursery) -> None:
    """The outbox sends when the event loop is about to wait, and who must go on is to run before that."""

    async def large(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return bytes(JOIN_BELOW - 100)

    def blocking() -> bytes:
        sock = client.stream.socket.fileno()
        with socket.socket(fileno=os.dup(sock)) as direct:
            direct.settimeout(5)
            got = b""
            while len(got) < JOIN_BELOW - 96:
                got += direct.recv(1 << 20)
            return got

    client = Client(large, nursery)
    await client.send(b"x")
    assert len(await trio.to_thread.run_sync(blocking)) == JOIN_BELOW - 96


async def test_what_was_answered_is_sent_to_whom_the_server_cuts_off_meanwhile(nursery: trio.Nursery) -> None:
    async def cut_off(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        client.connection.cancel()
        return frame

    client = Client(cut_off, nursery)
    await client.send(b"x")
    assert await client.receive() == b"x"
    assert await client.receive() == b""


async def test_a_client_that_is_gone_before_its_answer_ends_its_connection_only(
    nursery: trio.Nursery,
) -> None:
    async def leave(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        client.stream.socket.close()
        return frame

    client, other = Client(leave, nursery), Client(echo, nursery)
    await client.send(b"x")
    await other.send(b"fine")
    assert await other.receive() == b"fine"
    await trio.testing.wait_all_tasks_blocked()
    assert client.connection._transport._socket.fileno() == -1  # type: ignore[attr-defined]


async def test_answers_of_others_do_not_wait_for_a_large_request(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "LARGE_FRAME", 100)

    class Other:
        sent = False

        def send_gathered(self, now: float) -> None:
            self.sent = True

    other = Other()
    seen: list[bool] = []

    async def answer(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        if frame == b"small" and watching.outbox is not None:
            watching.outbox.add(other)
        seen.append(other.sent)
        return b""

    client = Client(answer, nursery)
    await client.send(b"small", b"small", bytes(101))
    for _ in range(3):
        await client.receive()
    if watching.outbox is not None:
        assert seen == [False, False, True]


async def test_an_answer_that_cannot_be_sent_ends_its_own_connection_only(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in the outbox would have trio put it away, and no answer would leave any more."""
    client, other = Client(echo, nursery), Client(echo, nursery)

    def fail(chunks: object) -> Sequence[Buffer]:
        raise MemoryError

    monkeypatch.setattr(client.connection._transport, "send_at_once", fail)
    await client.send(b"x")
    assert await client.receive() == b""
    for _ in range(2):
        await other.send(b"fine")
        assert await other.receive() == b"fine"
    assert "MemoryError" in caplog.text
    assert "Instrument" not in caplog.text


async def test_a_connection_with_part_of_an_answer_unsent_is_sending(nursery: trio.Nursery) -> None:
    async def large(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return bytes(JOIN_BELOW - 100)

    client = Client(large, nursery)
    for _ in range(10):
        await client.send(b"x")
        await trio.testing.wait_all_tasks_blocked()
    assert client.connection.sending
    for _ in range(10):
        await client.receive()
    await trio.testing.wait_all_tasks_blocked()
    assert not client.connection.sending
