"""Waiters wake up when enough came, and leave nothing behind."""

import logging

import pytest
import trio
import trio.testing

from kbroker.broker.partition import Partition
from kbroker.broker.purgatory import ANSWERED_AT_ONCE, AnswerAtOnce, Purgatory
from kbroker.limited_log import LimitedLog


@pytest.fixture
def purgatory() -> Purgatory:
    return Purgatory(LimitedLog(logging.getLogger("test")))


def partitions(count: int) -> list[Partition]:
    return [Partition(None, index, None) for index in range(count)]  # type: ignore[arg-type]


async def wait_for_one(purgatory: Purgatory, partition: Partition, answer: AnswerAtOnce) -> None:
    with purgatory.waiting_for([partition]) as waiter:
        waiter.arm(1)
        await waiter.wait(answer)


async def test_appends_to_any_partition_count(
    purgatory: Purgatory, autojump_clock: trio.testing.MockClock
) -> None:
    one, other = partitions(2)
    with purgatory.waiting_for([one, other]) as waiter:
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


async def test_what_came_between_arming_and_waiting_is_not_lost(purgatory: Purgatory) -> None:
    (partition,) = partitions(1)
    with purgatory.waiting_for([partition]) as waiter:
        waiter.arm(10)
        waiter.grown(partition, 10)
        with trio.fail_after(1):
            await waiter.wait()


async def test_who_brings_enough_answers_with_all_that_grew(purgatory: Purgatory) -> None:
    one, other, third = partitions(3)
    answered: list[set[Partition]] = []
    with purgatory.waiting_for([one, other, third]) as waiter:
        waiter.arm(20)
        waiter.grown(one, 10)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waiter.wait, lambda grown: answered.append(set(grown)))
            await trio.testing.wait_all_tasks_blocked()
            purgatory.answer_due()
            assert not answered
            waiter.grown(one, 10)
            waiter.grown(third, 10)
            assert not answered, "what else there is may come"
            purgatory.answer_due()
            assert answered == [{one, third}]
            waiter.grown(other, 10)
            purgatory.answer_due()
        waiter.arm(1)
        waiter.grown(other, 1)
        purgatory.answer_due()
        assert len(answered) == 1, "it is being read again"
        waiter.arm(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waiter.wait, lambda grown: answered.append(set(grown)))
            await trio.testing.wait_all_tasks_blocked()
            waiter.grown(third, 1)
            purgatory.answer_due()
        assert answered[1:] == [{third}], "what grew before it was armed is forgotten"


async def test_who_has_woken_up_answers_itself(purgatory: Purgatory) -> None:
    (partition,) = partitions(1)
    with purgatory.waiting_for([partition]) as waiter:
        waiter.arm(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waiter.wait, lambda _: pytest.fail("answered"))
            await trio.testing.wait_all_tasks_blocked()
            waiter.grown(partition, 1)
        purgatory.answer_due()


async def test_who_has_woken_up_does_not_count_among_the_few(purgatory: Purgatory) -> None:
    (partition,) = partitions(1)
    answered = []
    for at_once in (False, True):
        async with trio.open_nursery() as nursery:
            for _ in range(1 if at_once else ANSWERED_AT_ONCE):
                nursery.start_soon(wait_for_one, purgatory, partition, answered.append)
            await trio.testing.wait_all_tasks_blocked()
            for waiter in partition.waiters:
                waiter.grown(partition, 1)
            if at_once:
                purgatory.answer_due()
    assert len(answered) == 1


async def test_after_a_change_nobody_else_answers(purgatory: Purgatory) -> None:
    (partition,) = partitions(1)
    with purgatory.waiting_for([partition]) as waiter:
        for grown_first in (True, False):
            waiter.arm(1)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(waiter.wait, lambda _: pytest.fail("answered"))
                await trio.testing.wait_all_tasks_blocked()
                if grown_first:
                    waiter.grown(partition, 1)
                partition.notify_changed()
                waiter.grown(partition, 1)
                purgatory.answer_due()


@pytest.mark.parametrize("more", [0, 1])
async def test_not_more_than_a_few_are_answered_at_once(purgatory: Purgatory, more: int) -> None:
    (partition,) = partitions(1)
    answered = []
    async with trio.open_nursery() as nursery:
        for _ in range(ANSWERED_AT_ONCE + more):
            nursery.start_soon(wait_for_one, purgatory, partition, answered.append)
        await trio.testing.wait_all_tasks_blocked()
        for waiter in partition.waiters:
            waiter.grown(partition, 1)
        purgatory.answer_due()
    assert len(answered) == (0 if more else ANSWERED_AT_ONCE)


async def test_what_fails_is_told_and_keeps_nobody_else_waiting(
    purgatory: Purgatory, caplog: pytest.LogCaptureFixture
) -> None:
    (partition,) = partitions(1)
    answered = []

    def fail(_: object) -> None:
        raise ValueError("mistake")

    async with trio.open_nursery() as nursery:
        for answer in (fail, answered.append, fail):
            nursery.start_soon(wait_for_one, purgatory, partition, answer)
        await trio.testing.wait_all_tasks_blocked()
        for waiter in partition.waiters:
            waiter.grown(partition, 1)
        purgatory.answer_due()
    assert len(answered) == 1
    assert "mistake" in caplog.text


async def test_a_change_wakes_up_whatever_is_missing(purgatory: Purgatory) -> None:
    (partition,) = partitions(1)
    with purgatory.waiting_for([partition]) as waiter:
        waiter.arm(1000)
        partition.notify_changed()
        with trio.fail_after(1):
            await waiter.wait()
        assert waiter.moved


async def test_nobody_is_registered_afterwards(purgatory: Purgatory) -> None:
    both = partitions(2)
    with trio.move_on_after(0.01), purgatory.waiting_for(both) as waiter:
        waiter.arm(1)
        await waiter.wait()
    assert all(not partition.waiters for partition in both)
