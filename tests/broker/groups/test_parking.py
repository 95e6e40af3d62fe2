"""kbroker/broker/groups/parking.py"""

import trio
from trio.testing import wait_all_tasks_blocked

from kbroker.broker.groups.parking import Parking


async def no_wait() -> None:
    raise AssertionError("the answer was there already")


async def test_an_answer_that_is_there_is_not_waited_for() -> None:
    parking: Parking[str] = Parking()
    with parking.parked(1) as call:
        parking.answer({1: "yes", 2: "nobody asked"})
        assert await call.wait(no_wait) == "yes"


async def test_answers_find_their_calls() -> None:
    parking: Parking[str] = Parking()
    heard = {}

    async def before_wait() -> None:
        await trio.lowlevel.checkpoint()

    async def ask(token: int) -> None:
        with parking.parked(token) as call:
            heard[token] = await call.wait(before_wait)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, 1)
        nursery.start_soon(ask, 2)
        await wait_all_tasks_blocked()
        parking.answer({2: "two"})
        await wait_all_tasks_blocked()
        assert heard == {2: "two"}
        parking.answer({1: "one"})
    assert heard == {1: "one", 2: "two"}


async def test_an_answer_may_come_while_earlier_ones_are_being_sent() -> None:
    parking: Parking[str] = Parking()

    async def before_wait() -> None:
        parking.answer({1: "meanwhile"})

    with parking.parked(1) as call:
        assert await call.wait(before_wait) == "meanwhile"


async def test_a_call_that_is_given_up_is_forgotten() -> None:
    parking: Parking[str] = Parking()
    with trio.CancelScope() as scope, parking.parked(1) as call:
        scope.cancel()
        await call.wait(trio.lowlevel.checkpoint)
    assert scope.cancelled_caught
    assert parking._calls == {}
    parking.answer({1: "too late"})
