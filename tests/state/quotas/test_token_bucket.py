"""Tokens: full at first, owed after a burst, paid back by time."""

from kbroker.state.quotas.token_bucket import TokenBucket


def test_a_burst_and_its_debt() -> None:
    bucket = TokenBucket(burst_s=10)
    assert bucket.debt_ms(2, 1000) == 0
    bucket.take(20, 2, 1000)
    assert bucket.debt_ms(2, 1000) == 0
    bucket.take(5, 2, 1000)
    assert bucket.debt_ms(2, 1000) == 2500
    assert bucket.debt_ms(2, 2000) == 1500
    assert bucket.debt_ms(2, 3500) == 0


def test_never_more_than_the_burst() -> None:
    bucket = TokenBucket(burst_s=10)
    bucket.take(0, 2, 0)
    bucket.take(21, 2, 1_000_000)
    assert bucket.debt_ms(2, 1_000_000) == 500


def test_tokens_can_be_given_back_up_to_the_burst() -> None:
    bucket = TokenBucket(burst_s=1)
    bucket.take(-100, 1, 0)
    bucket.take(1, 1, 0)
    assert bucket.debt_ms(1, 0) == 0
    bucket.take(1, 1, 0)
    assert bucket.debt_ms(1, 0) == 1000
