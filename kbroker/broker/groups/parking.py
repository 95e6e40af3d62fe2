"""Calls that wait for an answer which some other call, or the clock, will bring."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Generic, Protocol, TypeVar

import trio
from attrs import Factory, define

from kbroker.state.groups.effects import Token

A = TypeVar("A")

OTHERS_SENT_WITHIN_S: Final = 0.1  # a client that takes no answer mustn't hold up another one for longer


class Caller(Protocol):
    """Who calls, and may have to wait."""

    @property
    def before_wait(self) -> Callable[[], Awaitable[None]]:
        """To be called and awaited before any waiting."""

    def when_sent(self, call: Callable[[], None]) -> None:
        """Have `call` called once the answer has been sent, or never will be."""


@define
class ParkedCall(Generic[A]):
    """One call. `answered` is set once `answer` is there, `sent` once the client has it, or has gone."""

    answer: A | None = None
    answered: trio.Event = Factory(trio.Event)
    sent: trio.Event = Factory(trio.Event)

    async def wait(self, caller: Caller) -> A:
        """The answer; `caller.before_wait` is awaited first if it isn't there yet."""
        if self.answer is None:
            await caller.before_wait()
            await self.answered.wait()
        caller.when_sent(self.sent.set)
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
        except BaseException:
            call.sent.set()
            raise
        finally:
            del self._calls[token]

    def answer(self, answers: Mapping[Token, A]) -> None:
        """Bring answers to the calls that wait for them."""
        for token, answer in answers.items():
            call = self._calls.get(token)
            if call is not None:
                call.answer = answer
                call.answered.set()

    async def others_sent(self, answered: Iterable[Token], own: ParkedCall[A]) -> None:
        """If `own` has its answer, wait until others of `answered` have been sent theirs, but not for long.

        A leader with a head start may assign, join again and so have the next rebalance begun before another member
        has as much as read that it joined: its SyncGroup would then be REBALANCE_IN_PROGRESS.
        """
        calls = map(self._calls.get, answered)
        others = [call for call in calls if call is not None and call is not own and call.answered.is_set()]
        if not others or own.answer is None:
            return
        with trio.move_on_after(OTHERS_SENT_WITHIN_S):
            for call in others:
                await call.sent.wait()
