"""What moved since the ratios to the calibration loop were recorded."""

from collections.abc import Mapping
from statistics import median
from types import ModuleType

from bench.results import Results

MOVED = 0.30


def relative(results: Results, rows: Mapping[str, ModuleType], target: str) -> dict[str, float]:
    """Each figure made independent of the machine's speed: times by the loop's time, rates times it."""
    loop = median(results.calibration_ms)
    found = {}
    for row in results.rows:
        for figure in rows[row].FIGURES:
            values = [v for v in results.values(row, target, figure.key) if v is not None]
            if values:
                found[f"{row}: {figure.title}"] = median(values) * factor(figure.unit, loop)
    return found


def factor(unit: str, loop_ms: float) -> float:
    """What to multiply a figure by; memory and plain ratios don't depend on the machine's speed."""
    if unit.endswith("/s"):
        return loop_ms
    return 1 / loop_ms if unit.split("/", maxsplit=1)[0] in {"ms", "s"} else 1.0


def moved(now: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """A line for each figure that is more than 30 % off, either way, or that has come or gone."""
    lines = []
    for key in sorted(now.keys() | recorded.keys()):
        if key not in recorded or key not in now:
            lines.append(f"{key}: {'not measured' if key not in now else 'not recorded'}")
        elif recorded[key] and abs(now[key] / recorded[key] - 1) > MOVED:
            lines.append(f"{key}: {now[key] / recorded[key]:.2f} times what was recorded")
    return lines
