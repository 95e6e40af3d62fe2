"""Who waits for memory, who gets it, and that somebody always does."""

from functools import partial
from math import inf

import pytest
import trio
import trio.testing

from kbroker.broker.request_memory import COMMON, UNCOUNTED, RequestMemory

LARGE = COMMON + 1
MIB = 1 << 20
LIMIT = 8 * MIB  # 2 for common requests, 6 for large ones


@pytest.fixture
def memory() -> RequestMemory:
    return RequestMemory(LIMIT)


async def test_there_is_room_at_once_up_to_the_limit_and_for_one_beyond_it(memory: RequestMemory) -> None:
    await memory.grow(1, 6 * MIB, LARGE)
    assert memory.held == 6 * MIB
    await memory.grow(2, 50 * MIB, 50 * MIB)
    assert memory.held == 56 * MIB
    await memory.grow(2, 90 * MIB, 90 * MIB)  # it may go on
    assert not memory.hinders(1, inf)


async def test_the_others_wait_and_are_served_in_order(memory: RequestMemory) -> None:
    got: list[int] = []

    async def grow(connection: int, size: int) -> None:
        await memory.grow(connection, size, LARGE)
        got.append(connection)

    await memory.grow(1, 6 * MIB, LARGE)
    await memory.grow(2, MIB, LARGE)
    async with trio.open_nursery() as nursery:
        for connection in (3, 4, 5):
            nursery.start_soon(grow, connection, 3 * MIB)
            await trio.testing.wait_all_tasks_blocked()
        memory.hold(2, 0)  # it was the one beyond the limit: the next may be
        await trio.testing.wait_all_tasks_blocked()
        assert got == [3]
        memory.gone(1)
        await trio.testing.wait_all_tasks_blocked()
        assert got == [3, 4]  # within the limit
        memory.gone(4)
        await trio.testing.wait_all_tasks_blocked()
        assert got == [3, 4, 5]
    assert memory.held == 6 * MIB


async def test_common_requests_do_not_wait_for_large_ones(memory: RequestMemory) -> None:
    await memory.grow(1, 50 * MIB, LARGE)
    await memory.grow(2, MIB, MIB)
    await memory.grow(3, MIB, MIB)
    assert memory.held == 52 * MIB


async def test_who_gave_up_is_not_waited_for(memory: RequestMemory) -> None:
    await memory.grow(1, 50 * MIB, LARGE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(memory.grow, 2, MIB, LARGE)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert not memory.hinders(1, inf)
    memory.gone(1)
    memory.gone(2)
    assert memory.held == 0


async def test_who_gave_up_when_room_was_just_given_gives_it_back(memory: RequestMemory) -> None:
    await memory.grow(1, 50 * MIB, LARGE)
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(memory.grow, 2, MIB, LARGE)
            await trio.testing.wait_all_tasks_blocked()
            memory.gone(1)
            scope.cancel()
    memory.gone(2)
    assert memory.held == 0


async def test_a_buffer_that_is_kept_counts_until_it_is_small(memory: RequestMemory) -> None:
    await memory.grow(1, MIB, MIB)
    assert not memory.hold(1, MIB)
    await memory.grow(2, MIB, MIB)
    assert memory.hold(2, MIB)  # more than half is held: better given back
    assert not memory.hold(2, UNCOUNTED)
    assert memory.held == MIB


async def test_a_connection_may_turn_from_common_to_large_requests(memory: RequestMemory) -> None:
    await memory.grow(1, MIB, MIB)
    await memory.grow(1, 5 * MIB, LARGE)
    assert memory.held == 5 * MIB
    memory.gone(1)
    assert memory.held == 0


async def test_a_buffer_counts_while_its_connection_waits_for_a_larger_request(
    memory: RequestMemory,
) -> None:
    await memory.grow(1, 50 * MIB, LARGE)
    await memory.grow(2, MIB, MIB)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(memory.grow, 2, 3 * MIB, LARGE)
        await trio.testing.wait_all_tasks_blocked()
        assert memory.held == 51 * MIB
        memory.gone(1)
    assert memory.held == 3 * MIB


async def test_only_who_holds_what_others_wait_for_hinders_them(
    memory: RequestMemory, autojump_clock: trio.testing.MockClock
) -> None:
    await memory.grow(1, MIB, MIB)
    await memory.grow(2, 6 * MIB, LARGE)
    await memory.grow(3, MIB, LARGE)
    assert not memory.hinders(3, inf)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(memory.grow, 4, MIB, LARGE)
        await trio.sleep(1)
        now = trio.current_time()
        assert [number for number in range(6) if memory.hinders(number, now - 1)] == [2, 3]
        assert not memory.hinders(2, now - 1.1)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("number", [1, 2, 3, 20])
async def test_many_that_grow_step_by_step_all_finish(number: int, memory: RequestMemory) -> None:
    """Each holds some and wants more, which could be a deadlock."""

    async def receive(connection: int) -> None:
        for step in range(1, 6):
            await memory.grow(connection, step * MIB, 5 * MIB)
            await trio.lowlevel.checkpoint()
            assert memory.held <= 6 * MIB + 5 * MIB
        memory.gone(connection)

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            for connection in range(number):
                nursery.start_soon(partial(receive, connection))
    assert memory.held == 0


def test_what_can_be_done_without_takes_a_quarter_at_most(memory: RequestMemory) -> None:
    """Half of it is where buffers are given back: what was widened stays so."""
    assert memory.has_spare(MIB // 2)
    assert not memory.has_spare(MIB // 2 + 1)
    memory.hold(1, MIB // 4)
    assert memory.has_spare(MIB // 4)
    assert not memory.has_spare(MIB // 2)
