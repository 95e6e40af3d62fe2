"""Log lines that clients cause are limited by cause and counted."""

import logging

import pytest
import trio

from kbroker.limited_log import INTERVAL_S, MAX_CAUSES, LimitedLog


async def test_a_cause_is_logged_once_an_interval_with_a_count(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    limited = LimitedLog(logging.getLogger("test"), trio.current_time)
    for _ in range(5):
        limited.warning("a", "it was %s", "a")
    limited.warning("b", "it was b")
    assert caplog.messages == ["it was a", "it was b"]
    await trio.sleep(2 * INTERVAL_S)
    limited.warning("a", "it was %s", "another")
    limited.warning("b", "it was b")
    await trio.sleep(INTERVAL_S)
    limited.warning("a", "it was %s", "a")
    assert caplog.messages[2:] == ["it was another (5 such in all within 20 s)", "it was b", "it was a"]


async def test_invented_causes_take_bounded_memory_and_lines(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    limited = LimitedLog(logging.getLogger("test"), trio.current_time)
    for number in range(3 * MAX_CAUSES):
        limited.warning(str(number), "x")
    assert len(limited._last) <= MAX_CAUSES + 1
    assert len(caplog.messages) == MAX_CAUSES + 1
    await trio.sleep(INTERVAL_S)
    limited.warning("another", "y")
    assert caplog.messages[-1] == "y"
    assert len(limited._last) == 1


async def test_levels(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    limited = LimitedLog(logging.getLogger("test"), trio.current_time)
    for _ in range(2):
        limited.info("a", "x")
        limited.warning("b", "y")
        limited.error("c", "z")
    assert [(one.levelname, one.message) for one in caplog.records] == [
        ("INFO", "x"),
        ("WARNING", "y"),
        ("ERROR", "z"),
    ]


async def test_an_exception_comes_with_its_trace_once(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    limited = LimitedLog(logging.getLogger("test"), trio.current_time)
    for _ in range(2):
        try:
            raise RuntimeError("a bug")
        except RuntimeError:
            limited.exception("cause", "it failed")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "RuntimeError: a bug" in caplog.text
