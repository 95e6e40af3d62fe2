"""What connections hold of requests and answers stays within the memory for them, and nobody is stuck for it."""

from collections.abc import Awaitable, Callable
from math import inf

import pytest
import trio
import trio.testing

from kbroker.broker.request_memory import UNCOUNTED, RequestMemory
from kbroker.broker.response_memory import ResponseMemory
from kbroker.protocol.frame_buffer import WIDEST

from .connection_clients import Client, echo, running  # noqa: F401  a fixture


async def test_large_requests_of_many_clients_get_on_within_the_memory_for_them(
    nursery: trio.Nursery,
) -> None:
    memory = RequestMemory(400_000)
    highest = 0

    async def size(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        nonlocal highest
        highest = max(highest, memory.held)
        return b"%d" % len(frame)

    several = [Client(size, nursery, requests=memory) for _ in range(8)]
    async with trio.open_nursery() as sending:
        for client in several:
            sending.start_soon(client.send, bytes(300_000), bytes(200_000), bytes(10))
            sending.start_soon(answers, client, [b"300000", b"200000", b"10"])
    assert 300_000 <= highest <= 100_000 + 300_004  # what all may hold, and one
    for client in several:
        client.stream.socket.close()
    await trio.testing.wait_all_tasks_blocked()
    assert memory.held == 0


async def answers(client: Client, expected: list[bytes]) -> None:
    assert [await client.receive() for _ in expected] == expected


async def test_a_large_buffer_that_is_empty_is_given_back_while_memory_is_scarce(
    nursery: trio.Nursery,
) -> None:
    memory = RequestMemory(1_000_000)
    first, second = Client(echo, nursery, requests=memory), Client(echo, nursery, requests=memory)
    await first.send(bytes(90_000))
    await first.receive()
    await trio.testing.wait_all_tasks_blocked()
    assert memory.held > 90_000  # kept for the next one
    await second.send(bytes(90_000))
    await second.receive()
    await trio.testing.wait_all_tasks_blocked()
    assert memory.held < 110_000
    first.connection.trim()
    await trio.testing.wait_all_tasks_blocked()
    assert memory.held == 0


async def test_who_is_at_one_large_request_for_long_is_known(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    client = Client(echo, nursery)
    await trio.sleep(50)
    await client.stream.send_all((100_000).to_bytes(4, "big") + bytes(90_000))
    began = trio.current_time()
    await trio.sleep(10)
    assert client.connection.keeps_others_waiting(began)
    assert not client.connection.keeps_others_waiting(began - 1)
    await client.stream.send_all(bytes(10_000))
    assert len(await client.receive()) == 100_000
    assert not client.connection.keeps_others_waiting(trio.current_time())


async def test_a_large_request_begins_after_the_one_before_it_was_answered(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    async def slow(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        await trio.sleep(20)
        return frame

    client = Client(slow, nursery)
    await client.send(bytes(50_000))
    await client.stream.send_all((100_000).to_bytes(4, "big") + bytes(40_000))
    assert len(await client.receive()) == 50_000
    began = trio.current_time()
    await trio.sleep(1)
    assert client.connection.keeps_others_waiting(began)
    assert not client.connection.keeps_others_waiting(began - 1)


async def test_who_waited_for_memory_was_not_slow_meanwhile(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    memory = RequestMemory(100_000)
    first, second = Client(echo, nursery, requests=memory), Client(echo, nursery, requests=memory)
    began = trio.current_time()
    await first.stream.send_all((90_000).to_bytes(4, "big") + bytes(50_000))
    await trio.sleep(1)
    await second.stream.send_all((90_000).to_bytes(4, "big") + bytes(50_000))
    await trio.sleep(20)
    assert first.connection.keeps_others_waiting(began)
    assert not second.connection.keeps_others_waiting(inf)
    await first.stream.send_all(bytes(40_000))
    await first.receive()
    await trio.sleep(5)
    assert second.connection.keeps_others_waiting(began + 21)
    assert not second.connection.keeps_others_waiting(began + 20)


@pytest.mark.parametrize("more", [b"", (90_000).to_bytes(4, "big") + bytes(20_000)])
async def test_a_muted_client_keeps_no_memory_from_others(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock, more: bytes
) -> None:
    memory = RequestMemory(100_000)

    async def mute(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        muted.connection.identity.muted_until = trio.current_time() + 60
        return b"done"

    muted, other = Client(mute, nursery, requests=memory), Client(echo, nursery, requests=memory)
    await muted.send(bytes(90_000))
    await muted.stream.send_all(more)
    assert await muted.receive() == b"done"
    await trio.sleep(1)
    if not more:
        assert memory.held == 0
    with trio.fail_after(5):
        await other.send(bytes(90_000))
        await other.receive()


async def test_a_buffer_waits_from_the_step_that_makes_it_large(nursery: trio.Nursery) -> None:
    memory = RequestMemory(100_000)
    first, second = Client(echo, nursery, requests=memory), Client(echo, nursery, requests=memory)
    await first.stream.send_all((90_000).to_bytes(4, "big") + bytes(50_000))
    await second.send(bytes(10_000))  # for which it has 12 KiB: doubled, it is large
    await second.receive()
    await second.stream.send_all((100_000).to_bytes(4, "big") + bytes(20_000))
    await trio.testing.wait_all_tasks_blocked()
    assert second.connection._buffer.capacity < UNCOUNTED


@pytest.mark.parametrize(("limit", "capacity"), [(-1, WIDEST), (100_000, 12 * 1024)])
async def test_who_has_several_requests_in_flight_gets_room_for_them_if_there_is_memory(
    nursery: trio.Nursery, limit: int, capacity: int
) -> None:
    memory = RequestMemory(limit)
    client = Client(echo, nursery, requests=memory)
    payloads = [bytes([number]) * 10_000 for number in range(100)]
    nursery.start_soon(client.send, *payloads)
    with trio.fail_after(5):
        assert [await client.receive() for _ in payloads] == payloads
    assert client.connection._buffer.capacity == capacity
    assert memory.held == (capacity if capacity > UNCOUNTED else 0)


async def test_answers_that_are_not_read_stay_within_their_memory(
    nursery: trio.Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    memory = ResponseMemory(1_000_000)

    async def large(frame: bytes, before_wait: Callable[[], Awaitable[None]]) -> bytes:
        return bytes(400_000)

    several = [Client(large, nursery, responses=memory) for _ in range(8)]
    for client in several:
        await client.send(b"x")
        await trio.testing.wait_all_tasks_blocked()
    assert 0 < memory.held <= 1_000_000
    assert "reads too slowly" in caplog.text
    assert len(await several[-1].receive()) == 400_000  # who came last is served
