"""Quotas that are rates."""

import math

from kbroker.state.quotas.entity import entity_of
from kbroker.state.quotas.limits import ClientLimits
from kbroker.state.quotas.rate import MAX_THROTTLE_MS
from kbroker.state.quotas.rate_quota import RateQuota

KEY = "producer_byte_rate"


def limit(bound: float, kind: str = "user") -> ClientLimits:
    return ClientLimits(KEY, {entity_of([(kind, None)]): {KEY: bound}})


def test_each_user_has_its_own_and_its_clients_share_it() -> None:
    quota = RateQuota(limit(1000), 11, 1000)
    assert quota.record("u", "c", 10_000, 0) == 0
    assert quota.record("u", "d", 1000, 0) == 1000
    assert quota.record("v", "c", 10_000, 0) == 0


def test_nobody_waits_longer_than_the_most() -> None:
    assert RateQuota(limit(1), 11, 1000, max_throttle_ms=1000).record("u", "c", 1e9, 0) == 1000
    assert RateQuota(limit(1e-9), 11, 1000).record("u", "c", 1e9, 0) == MAX_THROTTLE_MS


def test_taken_back() -> None:
    quota = RateQuota(limit(1000), 11, 1000)
    quota.record("u", "c", 20_000, 0)
    quota.take_back("u", "c", 20_000, 0)
    assert quota.record("u", "c", 1, 0) == 0


def test_without_a_limit_nothing_is_counted() -> None:
    quota = RateQuota(ClientLimits(KEY, {}), 11, 1000)
    assert quota.record("u", "c", 1e9, 0) == 0
    quota.take_back("u", "c", 1e9, 0)
    assert quota.window_allowance("u", "c") == math.inf
    assert len(quota._payers) == 0


def test_the_allowance_is_what_ten_windows_give() -> None:
    assert RateQuota(limit(1000), 11, 1000).window_allowance("u", "c") == 10_000


def test_other_limits_are_in_force_at_once() -> None:
    quota = RateQuota(limit(1000), 11, 1000)
    quota.record("u", "c", 10_000, 0)
    quota.change(limit(500))
    assert quota.record("u", "c", 0, 0) == 10_000
    quota.change(ClientLimits(KEY, {}))
    assert len(quota._payers) == 0


def test_a_bound_next_to_nothing_makes_no_longer_wait_than_an_answer_can_tell() -> None:
    assert RateQuota(limit(5e-324), 11, 1000).record("u", "c", 1e9, 0) == MAX_THROTTLE_MS
