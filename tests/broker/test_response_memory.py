"""Unsent answers are counted, and fetches wait while they are too many."""

import trio

from kbroker.broker.response_memory import PATIENCE_S, ResponseMemory


def test_room_is_what_is_not_held() -> None:
    memory = ResponseMemory(100)
    memory.hold(30)
    assert memory.room == 70
    memory.hold(100)
    assert memory.room == 0
    memory.release(130)
    assert memory.room == 100
    assert memory.held == 0


async def test_waiting_ends_when_there_is_room(autojump_clock: trio.testing.MockClock) -> None:
    memory = ResponseMemory(100)
    memory.hold(150)
    async with trio.open_nursery() as nursery:

        async def free() -> None:
            await trio.sleep(1)
            memory.release(50)
            await trio.sleep(1)
            memory.release(1)

        nursery.start_soon(free)
        await memory.wait_for_room()
        assert trio.current_time() >= 2


async def test_who_is_slow_makes_room_for_a_fetch_that_waits(autojump_clock: trio.testing.MockClock) -> None:
    memory = ResponseMemory(100)
    first, second = trio.CancelScope(), trio.CancelScope()
    memory.is_slow(first)
    memory.hold(50)
    memory.is_slow(second)
    memory.hold(50)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(memory.wait_for_room)
        nursery.start_soon(memory.wait_for_room)
        await trio.sleep(PATIENCE_S * 0.9)
        assert not first.cancel_called
        await trio.sleep(PATIENCE_S * 0.2)
        assert first.cancel_called
        assert not second.cancel_called  # there will be room
        memory.release(50)
        memory.is_done(first)
    memory.hold(50)
    with trio.move_on_after(0):
        await memory.wait_for_room()
    assert second.cancel_called


async def test_beyond_the_limit_who_has_been_slow_for_longest_is_given_up() -> None:
    memory = ResponseMemory(100)
    first, second, third = trio.CancelScope(), trio.CancelScope(), trio.CancelScope()
    memory.is_slow(first)
    memory.hold(150)
    assert not first.cancel_called  # nobody else needs it
    memory.is_slow(second)
    memory.hold(10)
    assert first.cancel_called
    memory.release(150)
    memory.is_slow(third)
    memory.hold(50)
    assert not second.cancel_called
    memory.is_done(second)
    memory.hold(100)
    assert not third.cancel_called
