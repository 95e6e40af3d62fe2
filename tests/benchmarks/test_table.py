from types import ModuleType

import pytest
from bench.figures import Figure, at_least, at_most
from bench.results import Result, Results
from bench.table import below_must, line, markdown, number

RATE = Figure("rate", "how fast", "records/s", must=at_least(1.5), goal=at_least(4))
MEMORY = Figure("memory", "how large", "MiB", must=at_most(45).of_the_value())
ROW = ModuleType("a_row")
ROW.TITLE, ROW.FIGURES = "A row", [RATE, MEMORY]  # type: ignore[attr-defined]


@pytest.fixture
def results() -> Results:
    results = Results(
        {"processor": "one"}, {"apache": "Apache Kafka", "kbroker": "kbroker", "nafka": "nafka 0.1"}
    )
    results.calibration_ms = [20.0]
    for theirs, ours in ((10_000.0, 20_000.0), (5_000.0, 15_000.0), (20_000.0, 40_000.0)):
        results.add("a_row", "apache", Result({"rate": theirs, "memory": 300}, lost=0, counted=10))
        results.add("a_row", "kbroker", Result({"rate": ours, "memory": 50}, lost=1, counted=10))
        results.add("a_row", "nafka", Result(error="no raw"))
    return results


def test_a_line_has_medians_spreads_the_ratio_and_the_verdicts(results: Results) -> None:
    assert line(results, "a_row", RATE) == [
        "how fast", "records/s", "10,000 (5,000-20,000)", "20,000 (15,000-40,000)", "2.00x (2.00-3.00)",
        "≥ 1.5x yes", "≥ 4x **no**", "-",
    ]  # fmt: skip


def test_an_absolute_bound_is_on_our_value(results: Results) -> None:
    assert line(results, "a_row", MEMORY)[5] == "≤ 45 **no**"
    assert below_must(results, {"a_row": ROW}) == ["A row: how large: 50 (50-50), must be ≤ 45"]


def test_a_goal_may_be_a_ratio_to_another_broker(results: Results) -> None:
    results.add("b_row", "kbroker", Result({"rate": 8.0}))
    results.add("b_row", "nafka", Result({"rate": 10.0}))
    figure = Figure("rate", "", "records/s", goal=at_least(0.8), goal_of="nafka")
    assert line(results, "b_row", figure)[6] == "≥ 0.8x yes (of nafka)"


def test_what_was_not_measured_is_not_judged() -> None:
    results = Results({}, {"apache": "", "kbroker": ""})
    results.add("a_row", "kbroker", Result({"rate": 1.0}))
    assert line(results, "a_row", RATE)[4:6] == ["-", "≥ 1.5x ?"]
    assert below_must(results, {"a_row": ROW}) == []


def test_the_report_tells_what_is_missing_and_what_was_lost(results: Results) -> None:
    text = markdown(results, {"a_row": ROW})
    assert "- nafka: no raw" in text
    assert "- kbroker: 3 of 30 acknowledged records lost by kill -9" in text
    widths = {row.count("|") for row in text.splitlines() if row.startswith("|")}
    assert widths == {9}


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.12345, "0.123"), (12.34, "12.3"), (1234.5, "1,230"), (98_765, "98,800")]
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_results_come_back_as_they_were_saved(results: Results, tmp_path) -> None:
    results.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results
