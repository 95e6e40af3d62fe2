"""Unsent answers are counted, and fetches wait while they are too many."""

import trio

from kbroker.broker.response_memory import ResponseMemory


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
