"""Calls that wait for an answer which some other call, or the clock, will bring."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

import trio
from attrs import Factory, define

from kbroker.state.groups.effects import Token

A = TypeVar("A")


@define
class ParkedCall(Generic[A]):
    """One call. `answered` is set once `answer` is there."""

    answer: A | None = None
    answered: trio.Event = Factory(trio.Event)

    async def wait(self, before_wait: Callable[[], Awaitable[None]]) -> A:
        """The answer; `before_wait` is awaited first if it isn't there yet."""
        if self.answer is None:
            await before_wait()
            await self.answered.wait()
        assert self.answer is not None  # noqa: S101 - the event is only set beside it
        return self.answer


@define
class Parking(Generic[A]):
    """All parked calls of one kind, by token."""

    _calls: dict[Token, ParkedCall[A]] = Factory(dict)

    @contextmanager
    def parked(self, token: Token) -> Iterator[ParkedCall[A]]:
        """Keep a call while the block runs. The answer to one that has gone meanwhile is dropped."""
        call = self._calls[token] = ParkedCall()
        try:
            yield call
        finally:
            del self._calls[token]

    def answer(self, answers: Mapping[Token, A]) -> None:
        """Bring answers to the calls that wait for them."""
        for token, answer in answers.items():
            call = self._calls.get(token)
            if call is not None:
                call.answer = answer
                call.answered.set()
