"""Unsent answers are counted, and fetches wait while they are too many."""

import trio

from kbroker.broker.response_memory import PATIENCE_S, ResponseMemory


async def test_room_is_what_is_not_held() -> None:
    memory = ResponseMemory(100)
    sending = trio.CancelScope()
    memory.hold(sending, 30)
    assert memory.room == 70
    memory.hold(sending, 130)
    assert memory.room == 0
    memory.hold(sending, 0)
    assert memory.room == 100
    assert memory.held == 0


async def test_waiting_ends_when_there_is_room(autojump_clock: trio.testing.MockClock) -> None:
    memory = ResponseMemory(100)
    sending = trio.CancelScope()
    memory.hold(sending, 150)
    async with trio.open_nursery() as nursery:

        async def free() -> None:
            await trio.sleep(0.4 * PATIENCE_S)
            memory.hold(sending, 100)
            await trio.sleep(0.4 * PATIENCE_S)
            memory.hold(sending, 99)

        nursery.start_soon(free)
        await memory.wait_for_room()
        assert trio.current_time() == 0.8 * PATIENCE_S
    assert not sending.cancel_called


async def test_who_is_slow_makes_room_for_a_fetch_that_waits(autojump_clock: trio.testing.MockClock) -> None:
    memory = ResponseMemory(100)
    first, second = trio.CancelScope(), trio.CancelScope()
    memory.hold(first, 50)
    memory.hold(second, 50)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(memory.wait_for_room)
        nursery.start_soon(memory.wait_for_room)
        await trio.sleep(PATIENCE_S * 0.9)
        assert not first.cancel_called
        await trio.sleep(PATIENCE_S * 0.2)
        assert first.cancel_called
        assert not second.cancel_called  # there is room
    memory.hold(trio.CancelScope(), 50)
    await trio.sleep(PATIENCE_S)
    await memory.wait_for_room()
    assert second.cancel_called


async def test_beyond_the_limit_who_has_been_slow_for_longest_is_given_up() -> None:
    memory = ResponseMemory(100)
    first, second, third, fourth = (trio.CancelScope() for _ in range(4))
    memory.hold(first, 150)
    assert not first.cancel_called  # nobody else needs it
    memory.hold(second, 10)
    assert first.cancel_called
    memory.hold(second, 0)
    memory.hold(third, 50)
    memory.hold(fourth, 51)
    assert not second.cancel_called
    assert third.cancel_called


async def test_who_is_given_up_counts_no_more() -> None:
    """Its task runs later: until then nobody else must go for its bytes."""
    memory = ResponseMemory(100)
    first, second, third = (trio.CancelScope() for _ in range(3))
    memory.hold(first, 90)
    memory.hold(second, 30)
    assert memory.held == 30
    memory.hold(third, 70)
    memory.hold(first, 80)  # it was about to send more
    memory.hold(first, 0)
    assert memory.held == 100
    assert not second.cancel_called


async def test_as_many_are_given_up_as_it_takes_and_nobody_for_less() -> None:
    memory = ResponseMemory(100)
    first, second, third = (trio.CancelScope() for _ in range(3))
    memory.hold(first, 40)
    memory.hold(second, 60)
    memory.hold(third, 100)
    assert first.cancel_called
    assert second.cancel_called
    memory.hold(third, 300)
    assert memory.held == 300
    later = trio.CancelScope()
    memory.hold(later, 0)
    assert not third.cancel_called
