"""Waiters wake up when enough came, and leave nothing behind."""

import trio

from kbroker.broker.partition import Partition
from kbroker.broker.purgatory import waiting_for


def partitions(count: int) -> list[Partition]:
    return [Partition(None, index, None) for index in range(count)]  # type: ignore[arg-type]


async def test_appends_to_any_partition_count(autojump_clock: trio.testing.MockClock) -> None:
    one, other = partitions(2)
    with waiting_for([one, other]) as waiter:
        waiter.arm(100)
        waiter.found(30)

        async def append() -> None:
            for partition in (one, other, one):
                await trio.sleep(1)
                for each in tuple(partition.waiters):
                    each.grown(25)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(append)
            await waiter.wait()
            assert trio.current_time() == 3


async def test_what_came_between_arming_and_waiting_is_not_lost() -> None:
    (partition,) = partitions(1)
    with waiting_for([partition]) as waiter:
        waiter.arm(10)
        waiter.grown(10)
        with trio.fail_after(1):
            await waiter.wait()


async def test_a_change_wakes_up_whatever_is_missing() -> None:
    (partition,) = partitions(1)
    with waiting_for([partition]) as waiter:
        waiter.arm(1000)
        partition.notify_changed()
        with trio.fail_after(1):
            await waiter.wait()
        assert waiter.moved


async def test_nobody_is_registered_afterwards() -> None:
    both = partitions(2)
    with trio.move_on_after(0.01), waiting_for(both) as waiter:
        waiter.arm(1)
        await waiter.wait()
    assert all(not partition.waiters for partition in both)
