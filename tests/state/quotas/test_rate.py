"""Kafka's windowed rate: 11 samples of a second unless said otherwise."""

import pytest

from kbroker.state.quotas.rate import WindowedRate


def rate(samples: int = 11) -> WindowedRate:
    return WindowedRate(samples, 1000)


def test_what_comes_at_once_counts_as_spread_over_ten_windows() -> None:
    one = rate()
    one.record(10_000, 0)
    assert one.excess_ms(1000, 0) == 0
    one.record(1000, 0)
    assert one.excess_ms(1000, 0) == 1000  # 1100 a second over 10 s, 10 % too much


def test_the_window_grows_to_all_of_its_samples() -> None:
    one = rate()
    for second in range(11):
        one.record(1000, second * 1000)
    assert one.excess_ms(1000, 10_000) == 1000  # 11,000 in the 10 s since the first
    assert one.excess_ms(1000, 10_999) == 1  # and in 10.999 s
    assert one.excess_ms(1100, 10_000) == 0


def test_old_samples_expire() -> None:
    one = rate()
    one.record(50_000, 0)
    assert one.excess_ms(1000, 10_999) > 0
    assert one.excess_ms(1000, 11_000) == 0
    one.record(1, 11_000)
    assert one.excess_ms(0.1, 11_000) == 0


def test_the_ring_is_used_again() -> None:
    one = rate(samples=2)
    for second in range(100):
        one.record(100, second * 1000)
    assert len(one._ring) == 3
    # 2 whole windows and what is in the third: 300 in 2 s.
    assert one.excess_ms(100, 99_000) == 1000


def test_what_is_taken_back_does_not_count() -> None:
    one = rate()
    one.record(100_000, 0)
    one.record(-100_000, 0)
    assert one.excess_ms(1, 0) == 0


def test_waiting_that_long_is_enough() -> None:
    """Whoever waits as told is at the quota, over any time."""
    one, now, sent = rate(), 0, 0
    while now < 600_000:
        one.record(5000, now)
        sent += 5000
        now += max(1, one.excess_ms(1000, now))
    assert sent / (now / 1000) == pytest.approx(1000, rel=0.03)


def test_nothing_recorded_is_no_excess() -> None:
    assert rate().excess_ms(1e-9, 5) == 0
