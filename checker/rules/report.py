"""A verdict as text. Pure."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from histories.events import Event

from rules.judge import Verdict
from rules.violation import Violation, concerned

SHOWN, EVENTS_SHOWN, MOST_TEXT = 3, 8, 400


def report(verdict: Verdict, events: Callable[[], Iterable[Event]]) -> Iterator[str]:
    """Lines: each rule that was broken with the operations concerned, then what was checked."""
    by_rule: dict[str, list[Violation]] = {}
    for violation in verdict.violations:
        by_rule.setdefault(violation.rule, []).append(violation)
    for rule, found in by_rule.items():
        yield f"VIOLATED: {rule} ({len(found) + verdict.more[rule]} times)"
        for violation in found[:SHOWN]:
            yield f"  {violation.text}"
            for event in islice(concerned(violation, events()), EVENTS_SHOWN):
                yield f"    {_shown(event)}"
    kinds = sorted({kind for kind, _ in verdict.operations})
    for kind in kinds:
        ended = {how: verdict.operations[kind, how] for how in ("ok", "fail", "unknown")}
        yield f"{kind:12}" + "".join(f"{number:>12,} {how}" for how, number in ended.items() if number)
    faults = ", ".join(f"{number} {kind}" for kind, number in sorted(verdict.faults.items()))
    seconds = (verdict.last_at - verdict.first_at) / 1e9
    yield f"{verdict.operations.total():,} operations in {seconds:.1f} s; faults: {faults or 'none'}"
    yield "FAILED" if verdict.violations else "every promise was kept"


def _shown(event: Event) -> str:
    seconds = f"{event.began / 1e9:.3f}-{event.at / 1e9:.3f}"
    return f"{seconds} {event.process} {event.kind} {event.type} {event.data}"[:MOST_TEXT]
