import random

from drive.trend import trend

HOURS = [minute / 60 for minute in range(60)]


def test_the_slope_is_an_hours_growth() -> None:
    grown = trend(HOURS, [100 + 12 * hour for hour in HOURS])
    assert abs(grown.per_hour - 12) < 1e-9
    assert grown.error < 1e-9
    assert grown.is_growth(share=0.05, least=3.0)
    assert not grown.is_growth(share=0.2, least=3.0)
    assert not grown.is_growth(share=0.05, least=20.0)


def test_what_only_goes_up_and_down_does_not_grow() -> None:
    chance = random.Random(5)
    assert not trend(HOURS, [chance.uniform(0, 100) for _ in HOURS]).is_growth(share=0.0, least=0.0)


def test_what_shrinks_does_not_grow() -> None:
    assert not trend(HOURS, [100 - 12 * hour for hour in HOURS]).is_growth(share=0.0, least=0.0)


def test_growth_shows_through_noise() -> None:
    chance = random.Random(5)
    values = [100 + 30 * hour + chance.gauss(0, 5) for hour in HOURS]
    assert trend(HOURS, values).is_growth(share=0.05, least=3.0)


def test_a_few_samples_tell_nothing() -> None:
    assert not trend(HOURS[:9], [100 * hour for hour in HOURS[:9]]).is_growth(share=0.0, least=0.0)
