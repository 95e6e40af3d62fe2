"""The system clock tells milliseconds since the epoch."""

import time

from kbroker.clock import SystemClock


def test_it_agrees_with_the_machine() -> None:
    before = time.time() * 1000
    assert before - 1 <= SystemClock().now_ms() <= time.time() * 1000 + 1
