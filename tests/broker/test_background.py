"""Long jobs leave the event loop to others for half of the time."""

import threading

import trio

from kbroker.broker.background import SLICE_S, PacedBackground


async def test_a_pause_is_as_long_as_the_work_before_it(mock_clock: trio.testing.MockClock) -> None:
    mock_clock.autojump_threshold = 0
    background = PacedBackground()
    mock_clock.jump(0.010)
    started = trio.current_time()
    await background.pause()
    assert trio.current_time() - started == 0.010


async def test_pauses_amid_a_slice_cost_nothing(mock_clock: trio.testing.MockClock) -> None:
    background = PacedBackground()
    mock_clock.jump(SLICE_S / 2)
    with trio.fail_after(0):
        await background.pause()


async def test_what_blocks_runs_in_a_thread() -> None:
    threads = []
    await PacedBackground().run_blocking(lambda: threads.append(threading.current_thread()))
    assert threads != [threading.current_thread()]
