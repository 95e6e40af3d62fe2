"""What a run gave: saved after every trial, so that a run that is broken off has told what it had."""

import json
from pathlib import Path
from typing import Any

import attrs


@attrs.define
class Result:
    """One trial.

    figures: by key
    lost: acknowledged records that were missing after kill -9; None where nothing was to be counted
    error: why there are no figures
    loader_shares: CPU of each client process as a share of one core
    """

    figures: dict[str, float] = attrs.field(factory=dict)
    lost: int | None = None
    counted: int = 0
    error: str | None = None
    loader_shares: dict[str, float] = attrs.field(factory=dict)


@attrs.define
class Results:
    """All trials: row, then target, then rounds in order."""

    machine: dict[str, str]
    targets: dict[str, str]
    calibration_ms: list[float] = attrs.field(factory=list)
    rows: dict[str, dict[str, list[Result]]] = attrs.field(factory=dict)

    def add(self, row: str, target: str, result: Result) -> None:
        """Add the next round of a target."""
        self.rows.setdefault(row, {}).setdefault(target, []).append(result)

    def values(self, row: str, target: str, figure: str) -> list[float | None]:
        """A figure's value in each round; None where there is none."""
        return [each.figures.get(figure) for each in self.rows.get(row, {}).get(target, [])]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(attrs.asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what `save` wrote."""
        data: dict[str, Any] = json.loads(path.read_text())
        rows = {
            row: {target: [Result(**each) for each in rounds] for target, rounds in targets.items()}
            for row, targets in data.pop("rows").items()
        }
        return cls(rows=rows, **data)
