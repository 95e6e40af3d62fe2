"""kbroker/broker/groups/parking.py"""

from collections.abc import Awaitable, Callable

import trio
from attrs import Factory, define
from trio.testing import MockClock, wait_all_tasks_blocked

from kbroker.broker.groups.parking import OTHERS_SENT_WITHIN_S, Parking


@define
class Client:
    """A caller to whom answers are on their way until `sent` says that they are there."""

    before_wait: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint
    _calls: list[Callable[[], None]] = Factory(list)

    def when_sent(self, call: Callable[[], None]) -> None:
        self._calls.append(call)

    def sent(self) -> None:
        for call in self._calls:
            call()


async def no_wait() -> None:
    raise AssertionError("the answer was there already")


async def test_an_answer_that_is_there_is_not_waited_for() -> None:
    parking: Parking[str] = Parking()
    with parking.parked(1) as call:
        parking.answer({1: "yes", 2: "nobody asked"})
        assert await call.wait(Client(no_wait)) == "yes"


async def test_answers_find_their_calls() -> None:
    parking: Parking[str] = Parking()
    heard = {}

    async def ask(token: int) -> None:
        with parking.parked(token) as call:
            heard[token] = await call.wait(Client())

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
        assert await call.wait(Client(before_wait)) == "meanwhile"


async def test_a_call_that_is_given_up_is_forgotten() -> None:
    parking: Parking[str] = Parking()
    with trio.CancelScope() as scope, parking.parked(1) as call:
        scope.cancel()
        await call.wait(Client())
    assert scope.cancelled_caught
    assert parking._calls == {}
    parking.answer({1: "too late"})


async def waits(parking: Parking[str], token: int, client: Client) -> None:
    with parking.parked(token) as call:
        await call.wait(client)


async def brings(parking: Parking[str], answers: dict[int, str]) -> float:
    """The call of token 1 has others, and maybe itself, answered: for how long it waits then for the others' answers
    to be sent, in s.
    """
    began = trio.current_time()
    with parking.parked(1) as own:
        parking.answer(answers)
        await parking.others_sent(answers, own)
    return trio.current_time() - began


async def test_who_answers_others_waits_until_these_have_been_sent_their_answers(
    autojump_clock: MockClock,
) -> None:
    parking: Parking[str] = Parking()
    clients = {2: Client(), 3: Client()}
    done = trio.Event()

    async def last() -> None:
        await brings(parking, {1: "own", 2: "two", 3: "three"})
        done.set()

    async with trio.open_nursery() as nursery:
        for token, client in clients.items():
            nursery.start_soon(waits, parking, token, client)
        await wait_all_tasks_blocked()
        nursery.start_soon(last)
        for client in clients.values():
            await wait_all_tasks_blocked()
            assert not done.is_set()
            client.sent()
        await wait_all_tasks_blocked()
        assert done.is_set()


async def test_who_answers_others_does_not_wait_for_long(autojump_clock: MockClock) -> None:
    parking: Parking[str] = Parking()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits, parking, 2, Client())
        await wait_all_tasks_blocked()
        assert await brings(parking, {1: "own", 2: "two"}) == OTHERS_SENT_WITHIN_S


async def test_who_answers_others_does_not_wait_for_those_that_have_gone(autojump_clock: MockClock) -> None:
    parking: Parking[str] = Parking()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits, parking, 2, Client())
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()  # in the same moment
        with trio.CancelScope(shield=True):
            assert await brings(parking, {1: "own", 2: "two"}) == 0


async def test_who_has_no_answer_yet_does_not_wait_for_others_to_be_sent_theirs(
    autojump_clock: MockClock,
) -> None:
    parking: Parking[str] = Parking()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits, parking, 2, Client())
        await wait_all_tasks_blocked()
        assert await brings(parking, {2: "two"}) == 0
