"""All rules over one history."""

from collections import Counter
from collections.abc import Iterable

from attrs import Factory, define
from histories.events import Event
from histories.recorder import size_of

from rules import duplicates, lost, offsets, order
from rules.answers import Answers
from rules.commits import Commits
from rules.groups import Groups
from rules.logs import Logs
from rules.real_time import RealTime
from rules.rule import Rule
from rules.transactions import Atomicity
from rules.violation import Violation

MOST_OF_A_RULE = 20  # violations that are kept of each

FAULTS = {"kill", "restart", "pause", "cut", "cut_all"}
OF_LOGS = (offsets.violations, lost.violations, duplicates.violations, order.violations)


@define
class Verdict:
    """What came of it. `operations` counts each record by itself, by kind and how it ended."""

    violations: list[Violation] = Factory(list)
    more: Counter[str] = Factory(Counter)  # by rule: violations that were not kept
    operations: Counter[tuple[str, str]] = Factory(Counter)
    faults: Counter[str] = Factory(Counter)
    first_at: int = 0
    last_at: int = 0


def judge(events: Iterable[Event]) -> Verdict:
    """Check a history. Takes some ten bytes of memory for each record."""
    logs, verdict = Logs(), Verdict()
    rules = _rules(logs)
    for event in events:
        logs.observe(event)
        for rule in rules:
            rule.observe(event)
        count(verdict, event)
    for found in (*(violations(logs) for violations in OF_LOGS), *(rule.violations() for rule in rules)):
        for violation in found:
            if sum(each.rule == violation.rule for each in verdict.violations) < MOST_OF_A_RULE:
                verdict.violations.append(violation)
            else:
                verdict.more[violation.rule] += 1
    return verdict


def _rules(logs: Logs) -> list[Rule]:
    return [RealTime(), Commits(), Groups(), Atomicity(logs), Answers(logs)]


def count(verdict: Verdict, event: Event) -> None:
    """Add an event to the numbers of a verdict."""
    verdict.first_at = verdict.first_at or event.at
    verdict.last_at = event.at
    if event.type == "info":
        if event.kind in FAULTS:
            verdict.faults[event.kind] += 1
    elif event.type != "invoke":
        size = size_of(event.kind, event.data) if event.type == "ok" or event.kind == "append" else 1
        verdict.operations[event.kind, event.type] += size
