from types import ModuleType

import pytest
from bench.figures import Figure
from bench.regressions import moved, relative
from bench.results import Result, Results

ROW = ModuleType("a_row")
ROW.FIGURES = [  # type: ignore[attr-defined]
    Figure("rate", "rate", "records/s"),
    Figure("cpu", "cpu", "s/GB"),
    Figure("memory", "memory", "MiB"),
]


def run(machine: float) -> Results:
    results = Results({}, {}, calibration_ms=[20.0 * machine])
    results.add("a_row", "kbroker", Result({"rate": 1000 / machine, "cpu": 3 * machine, "memory": 40}))
    return results


def test_a_slower_machine_is_no_regression() -> None:
    fast, slow = (relative(run(machine), {"a_row": ROW}, "kbroker") for machine in (1.0, 3.0))
    assert slow == pytest.approx(fast)
    assert moved(slow, fast) == []


def test_what_moved_by_more_than_thirty_percent_is_told_either_way() -> None:
    assert moved({"a": 1.2, "b": 1.4, "c": 0.6}, {"a": 1.0, "b": 1.0, "c": 1.0}) == [
        "b: 1.40 times what was recorded",
        "c: 0.60 times what was recorded",
    ]


def test_what_came_or_went_is_told() -> None:
    assert moved({"a": 1.0}, {"b": 1.0}) == ["a: not recorded", "b: not measured"]
