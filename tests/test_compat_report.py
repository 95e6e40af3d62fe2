"""The report card of compat-tests: nothing that failed, hung or went stale may look like a pass."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

COMPAT = Path(__file__).resolve().parent.parent / "compat-tests"


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The modules under test, which are no part of the package."""
    monkeypatch.syspath_prepend(str(COMPAT))
    import harness.report
    import harness.session

    yield harness
    for name in [name for name in sys.modules if name.partition(".")[0] == "harness"]:
        del sys.modules[name]


def outcome(harness: Any, *checks: tuple[str, bool]) -> Any:
    report = harness.report.Report("client", "1.0")
    for name, passed in checks:
        report.add(name, passed, "why")
    return harness.report.Outcome("client", reports=[report])


def clean(harness: Any, it: Any, allowed: dict[tuple[str, str], str], whole: bool = True) -> bool:
    return bool(harness.report.print_card([it], "kbroker", {"client": allowed}, whole=whole))


def test_a_failure_is_wrong_unless_it_is_known(harness: Any) -> None:
    it = outcome(harness, ("one", True), ("two", False))
    assert not clean(harness, it, {})
    assert clean(harness, it, {("1.0", "two"): "later"})
    assert clean(harness, it, {("*", "two"): "later"})
    assert not clean(harness, it, {("2.0", "two"): "another version"})


def test_an_entry_that_no_longer_fails_is_wrong(harness: Any) -> None:
    it = outcome(harness, ("one", True))
    assert not clean(harness, it, {("*", "one"): "passes now"})
    assert not clean(harness, it, {("*", "gone"): "no such check"})
    assert clean(harness, it, {("*", "not in the short subset"): "later"}, whole=False)


def test_an_absent_toolchain_is_counted_and_is_no_pass(
    harness: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean(harness, harness.report.Outcome("client", absent="cargo"), {})
    printed = capsys.readouterr().out
    assert "absent: 1 (cargo)" in printed
    assert "0 passed, 0 failed" in printed


def test_known_failures_need_a_reason(harness: Any, tmp_path: Path) -> None:
    listed = tmp_path / "known_failures.txt"
    listed.write_text("# comment\n* a check by name # needs more\n1.0 other # reason\n")
    wanted = {("*", "a check by name"): "needs more", ("1.0", "other"): "reason"}
    assert harness.report.read_known_failures(listed) == wanted
    listed.write_text("* a check by name\n")
    with pytest.raises(ValueError, match="want"):
        harness.report.read_known_failures(listed)


@pytest.mark.parametrize(
    ("program", "timeout", "expected"),
    [
        ("print('PASS one'); print('FAIL two: because')", 20, [("one", True), ("two", False)]),
        ("print('SKIP one'); print('PASS two')", 20, [("two", True)]),
        ("print('nothing of note')", 20, [("the program ends well", False)]),
        ("print('PASS one'); raise SystemExit(3)", 20, [("one", True), ("the program ends well", False)]),
        (
            "import time; print('PASS one', flush=True); time.sleep(60)",
            0.5,
            [("one", True), ("the program ends", False)],
        ),
    ],
)
def test_what_a_program_prints_and_how_it_ends_become_checks(
    harness: Any, program: str, timeout: float, expected: list[tuple[str, bool]]
) -> None:
    report = harness.report.Report("client", "1.0")
    harness.session.Program([sys.executable, "-c", program], timeout=timeout).run(report)
    assert [(check.name, check.passed) for check in report.checks] == expected
