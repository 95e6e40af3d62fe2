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


async def test_with_more_threads_the_pauses_are_shorter_and_none_if_it_is_urgent(
    mock_clock: trio.testing.MockClock,
) -> None:
    mock_clock.autojump_threshold = 0
    for background, pause in ((PacedBackground(threads=4), 0.0025), (PacedBackground(urgent=True), 0)):
        mock_clock.jump(0.010)
        started = trio.current_time()
        await background.pause()
        assert round(trio.current_time() - started, 6) == pause


async def test_bytes_take_their_time_the_few_together(mock_clock: trio.testing.MockClock) -> None:
    mock_clock.autojump_threshold = 0
    background = PacedBackground()
    started = trio.current_time()
    for _ in range(100):
        await background.throttle(10, 1000.0)
    assert round(trio.current_time() - started, 3) == 1.0
    with trio.fail_after(0):
        await background.throttle(1 << 30, 1.7976931348623157e308)
