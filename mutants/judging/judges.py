"""The judges: the tests of a module, the tests around it, and the checker of histories."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from making.areas import neighbours, own_tests
from making.mutant import Mutant

from judging.process import Outcome, run

OWN_S, OTHERS_S, CHECKER_S = 180.0, 900.0, 240.0
_PYTEST = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=line")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_WORKLOADS = ("raw_records", "raw_coordinated", "python_client")  # those that need nothing but .venv
_VIOLATED = re.compile(r"^VIOLATED: (.+)", re.MULTILINE)
_PASSED, _BROKEN, _NO_START = 0, 1, 2
_LONGEST_REASON = 120


class JudgeError(Exception):
    """A judge could not judge; the message says why."""


@attrs.frozen
class Verdict:
    """Whether a judge caught a mutant, by what, and in how many seconds."""

    judge: str
    caught: bool
    reason: str
    seconds: float


Judge = Callable[[Mutant, Path], Verdict]
NAMES = ("own", "others", "checker")


def judges(seed: int, minutes: float | None = None) -> dict[str, Judge]:
    """By name: the tests that mirror a module, those of the areas around it, and the checker with that seed.

    The checker runs for so many minutes, or quickly.

    They raise JudgeError when they fail themselves.
    """
    return {
        "own": lambda mutant, tree: _tests("own", [own_tests(mutant.path)], tree, OWN_S),
        "others": lambda mutant, tree: _tests("others", neighbours(mutant.path, tree), tree, OTHERS_S),
        "checker": lambda _, tree: _checker(tree, seed, minutes),
    }


def _checker(tree: Path, seed: int, minutes: float | None) -> Verdict:
    how = ("--minutes", str(minutes)) if minutes else ("--quick",)
    command = (sys.executable, "checker/run.py", *how, "--seed", str(seed), "--source", str(tree))
    outcome = run((*command, "--workload", *_WORKLOADS), tree, CHECKER_S + 120 * (minutes or 0))
    if outcome.status not in {_PASSED, _BROKEN, _NO_START, None}:
        raise JudgeError(outcome.output)
    return _verdict("checker", outcome, _violations(outcome))


def _tests(judge: str, paths: Sequence[str], tree: Path, seconds: float) -> Verdict:
    missing = [path for path in paths if not (tree / path).exists()]
    if missing:
        raise JudgeError(f"no {missing[0]}")
    outcome = run((*_PYTEST, *paths), tree, seconds)
    failed = _FAILED.search(outcome.output)
    return _verdict(judge, outcome, failed[1] if failed else outcome.output[-_LONGEST_REASON:].strip())


def _verdict(judge: str, outcome: Outcome, reason: str) -> Verdict:
    if outcome.status is None:
        reason = "no end"
    caught = outcome.status != _PASSED
    return Verdict(judge, caught, reason[:_LONGEST_REASON] if caught else "", round(outcome.seconds, 1))


def _violations(outcome: Outcome) -> str:
    if outcome.status == _NO_START:
        return "the broker does not start"
    return "; ".join(_VIOLATED.findall(outcome.output))
