from rules.judge import MOST_OF_A_RULE, judge
from rules.lost import RULE
from rules.report import report

from .hand_made import History


def lossy() -> History:
    history = History()
    history.append(0, 0, 100)
    history.info("kill")
    history.read([], high=100)
    return history


def test_a_rule_keeps_some_of_its_violations_and_counts_the_rest() -> None:
    verdict = judge(lossy().events())
    assert len(verdict.violations) == MOST_OF_A_RULE
    assert verdict.more == {RULE: 100 - MOST_OF_A_RULE}


def test_records_are_counted_one_by_one() -> None:
    verdict = judge(lossy().events())
    assert verdict.operations == {("append", "ok"): 100, ("read", "ok"): 0}


def test_a_report_names_the_rule_and_shows_the_operations_concerned() -> None:
    history = lossy()
    lines = list(report(judge(history.events()), history.events))
    assert lines[0] == f"VIOLATED: {RULE} (100 times)"
    assert any("append ok" in line and "'offset': 0" in line for line in lines)
    assert lines[-1] == "FAILED"


def test_a_report_of_nothing_broken() -> None:
    history = History()
    history.append(0, 0)
    assert list(report(judge(history.events()), history.events))[-1] == "every promise was kept"
