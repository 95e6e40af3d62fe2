from types import ModuleType
from xml.etree import ElementTree

from bench.curves import curves, points, svg
from bench.figures import Figure
from bench.results import Result, Results

ROW = ModuleType("growth")
ROW.FIGURES = [  # type: ignore[attr-defined]
    Figure(f"{series} {size}", "", "ms") for series in ("groups", "log") for size in (1, 10, 100)
]


def test_there_is_a_curve_for_each_series_and_broker_of_medians() -> None:
    results = Results({}, {"apache": "", "kbroker": "", "absent": ""})
    for value in (1.0, 5.0, 3.0):
        results.add("growth", "kbroker", Result({"groups 1": value, "groups 10": 4.0}))
    results.add("growth", "apache", Result({"groups 1": 9.0}))
    assert curves(results, "growth", ROW) == {
        "groups": {"apache": {1.0: 9.0}, "kbroker": {1.0: 3.0, 10.0: 4.0}}
    }


def test_equal_factors_are_equal_steps_and_a_flat_curve_is_flat() -> None:
    (x1, y1), (x2, y2), (x3, y3) = points({1: 5.0, 10: 5.0, 100: 5.0}, [1, 10, 100], 10.0)
    assert x2 - x1 == x3 - x2 > 0
    assert y1 == y2 == y3


def test_one_size_and_no_cost_can_be_drawn() -> None:
    root = ElementTree.fromstring(svg("ms", {"groups": {"kbroker": {1.0: 0.0}}}))
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 1
