"""Time that a coroutine runs is counted, time that it waits is not."""

import pytest
import trio

from kbroker.broker.stopwatch import Stopwatch


class Now:
    ns = 0

    def __call__(self) -> int:
        return self.ns


async def test_only_what_runs_counts(autojump_clock: trio.testing.MockClock) -> None:
    now = Now()
    watch = Stopwatch(now)

    async def work() -> str:
        now.ns += 5
        await trio.sleep(100)
        now.ns += 7
        await trio.lowlevel.checkpoint()
        assert watch.elapsed_ns == 12
        return "done"

    async def meanwhile() -> None:
        await trio.sleep(50)
        now.ns += 1000

    async with trio.open_nursery() as nursery:
        nursery.start_soon(meanwhile)
        assert await watch.time(work()) == "done"


async def test_errors_and_cancellation_pass_through() -> None:
    async def fail() -> None:
        await trio.lowlevel.checkpoint()
        raise ValueError

    async def caught() -> str:
        try:
            await trio.sleep_forever()
        except trio.Cancelled:
            return "cleaned up"
        return "never"

    with pytest.raises(ValueError):  # noqa: PT011
        await Stopwatch().time(fail())
    with trio.CancelScope() as scope:
        scope.cancel()
        assert await Stopwatch().time(caught()) == "cleaned up"
