import pytest
from bench.statistics import Spread, percentile, ratios


def test_a_spread_has_the_median_between_the_least_and_the_greatest() -> None:
    assert Spread.of([9.0, 1.0, 4.0]) == Spread(4.0, 1.0, 9.0)


def test_ratios_are_of_the_same_round() -> None:
    # The machine was twice as slow in the second round, for both: the ratio stays.
    assert ratios([30.0, 15.0], [10.0, 5.0]) == Spread(3.0, 3.0, 3.0)


def test_rounds_that_one_side_lacks_are_left_out() -> None:
    assert ratios([None, 8.0, 9.0], [1.0, 4.0, None]) == Spread(2.0, 2.0, 2.0)
    assert ratios([1.0], []) is None
    assert ratios([1.0], [0.0]) is None


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (0.5, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == value


def test_a_percentile_of_one_value_is_that() -> None:
    assert percentile([7.0], 99) == 7.0
