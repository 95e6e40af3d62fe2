from types import ModuleType
from xml.etree import ElementTree

import pytest
from bench.chart import REACH, Bar, bars, position, svg
from bench.figures import Figure, at_least, at_most
from bench.results import Result, Results
from bench.statistics import Spread


def test_a_bar_grows_to_the_right_whichever_way_is_better() -> None:
    row = ModuleType("a_row")
    row.TITLE = "A row"  # type: ignore[attr-defined]
    row.FIGURES = [  # type: ignore[attr-defined]
        Figure("rate", "rate", "records/s", must=at_least(1)),
        Figure("cpu", "cpu", "s/GB", goal=at_most(1)),
        Figure("note", "no bound: no bar", ""),
    ]
    results = Results({}, {})
    results.add("a_row", "apache", Result({"rate": 10, "cpu": 8, "note": 1}))
    results.add("a_row", "kbroker", Result({"rate": 20, "cpu": 4, "note": 1}))
    twice = Spread(2, 2, 2)
    assert bars(results, {"a_row": row}) == [Bar("A row", None), Bar("rate", twice), Bar("cpu", twice)]


def test_the_scale_is_logarithmic_and_ends() -> None:
    assert position(4) - position(1) == pytest.approx(position(1) - position(1 / 4))
    assert position(REACH * 100) == position(REACH)
    assert position(1e-9) == position(1 / REACH)


def test_the_chart_is_well_formed() -> None:
    root = ElementTree.fromstring(svg([Bar("a < b & c", None), Bar("one", Spread(2.0, 1.5, 3.0))]))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "a < b & c" in texts
    assert "2.00x" in texts
