"""Medians, ratios and spreads of what several rounds gave."""

from collections.abc import Sequence
from statistics import median

import attrs


@attrs.frozen
class Spread:
    """The median of some values with the least and the greatest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(median(values), min(values), max(values))


def ratios(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Spread | None:
    """Ours by theirs, round by round; None if no round has both.

    Rounds are compared with themselves since the machine's speed changes between them.
    """
    found = [a / b for a, b in zip(ours, theirs, strict=False) if a is not None and b]
    return Spread.of(found) if found else None


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]
