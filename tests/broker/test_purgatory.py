"""Waiters wake up when enough came, and leave nothing behind."""

import pytest
import trio
import trio.testing

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
                    each.grown(partition, 25)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(append)
            await waiter.wait()
            assert trio.current_time() == 3


async def test_what_came_between_arming_and_waiting_is_not_lost() -> None:
    (partition,) = partitions(1)
    with waiting_for([partition]) as waiter:
        waiter.arm(10)
        waiter.grown(partition, 10)
        with trio.fail_after(1):
            await waiter.wait()


async def test_who_brings_enough_answers_with_all_that_grew() -> None:
    one, other, third = partitions(3)
    answered: list[set[Partition]] = []
    with waiting_for([one, other, third]) as waiter:
        waiter.arm(30)
        waiter.grown(one, 10)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waiter.wait, lambda grown: answered.append(set(grown)))
            await trio.testing.wait_all_tasks_blocked()
            waiter.grown(third, 10)
            assert not answered
            waiter.grown(one, 10)
            assert answered == [{one, third}]
            waiter.grown(other, 10)
        assert len(answered) == 1
        waiter.arm(1)
        waiter.grown(other, 1)
        assert len(answered) == 1, "it is being read again"
        waiter.arm(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waiter.wait, lambda grown: answered.append(set(grown)))
            await trio.testing.wait_all_tasks_blocked()
            waiter.grown(third, 1)
        assert answered[1:] == [{third}], "what grew before it was armed is forgotten"


async def test_after_a_change_nobody_else_answers() -> None:
    (partition,) = partitions(1)
    with waiting_for([partition]) as waiter:
        waiter.arm(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waiter.wait, lambda _: pytest.fail("answered"))
            await trio.testing.wait_all_tasks_blocked()
            partition.notify_changed()
            waiter.grown(partition, 1)


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
