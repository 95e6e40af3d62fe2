"""Results as rows, and rows as a table."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from making.areas import AREAS
from making.mutant import Mutant

from judging.judges import NAMES, Verdict

_SURVIVED = "survived"


def row(mutant: Mutant, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What is kept of one mutant, as JSON has it."""
    last = verdicts[-1]
    return {
        "name": mutant.name,
        "area": mutant.area,
        "shown": mutant.shown,
        "by_hand": bool(mutant.what),
        "caught_by": last.judge if last.caught else None,
        "reason": last.reason,
        "judges": [verdict.judge for verdict in verdicts],
        "seconds": round(sum(verdict.seconds for verdict in verdicts), 1),
    }


def table(rows: Iterable[dict[str, Any]]) -> str:
    """By area: how many there were, who caught them, and how many survived. Of a mutant the last row counts."""
    newest = {each["name"] + each["shown"]: each for each in rows}
    columns = (*NAMES, _SURVIVED)
    lines = ["| area | made | " + " | ".join(columns) + " |", "|---" * (2 + len(columns)) + "|"]
    total: Counter[str] = Counter()
    for area in AREAS:
        counts = Counter(
            each["caught_by"] or _SURVIVED for each in newest.values() if each["area"] == area.name
        )
        total += counts
        lines.append(_line(area.name, counts, columns))
    return "\n".join((*lines, _line("all", total, columns)))


def _line(name: str, counts: Counter[str], columns: Iterable[str]) -> str:
    numbers = (counts.total(), *(counts[column] for column in columns))
    return f"| {name} | " + " | ".join(str(number) for number in numbers) + " |"
