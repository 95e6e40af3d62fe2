"""Runs the rows: for each, some rounds; in each, every broker in turn, started anew in empty directories."""

import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from bench.ballast import Ballast
from bench.calibration import calibration_ms
from bench.crash import lost_by_crash
from bench.results import Result, Results
from bench.targets import TARGETS
from bench.trial import Sizes, Trial, UnsupportedError, data_dir_of
from bench.warming import warm


def run_row(
    *,
    results: Results,
    name: str,
    row: ModuleType,
    targets: Sequence[str],
    rounds: int,
    sizes: Sizes,
    save_to: Path,
    ballast: Ballast,
) -> None:
    """Every round of one row; the order of the brokers turns with the rounds. The ballast is filled before each run."""
    for number in range(rounds):
        results.calibration_ms.append(calibration_ms())
        for target in targets if number % 2 == 0 else reversed(targets):
            ballast.fill()
            result = run_trial(name, row, target, sizes)
            results.add(name, target, result)
            results.save(save_to)
            told = ", ".join(f"{key}: {value:.4g}" for key, value in result.figures.items())
            told += f" {result.error}" if result.error else ""
            lost = "" if result.lost is None else f"; lost after kill -9: {result.lost} of {result.counted}"
            print(f"[{name} {number + 1}/{rounds}] {target}: {told}{lost}", flush=True)


def run_trial(name: str, row: ModuleType, target: str, sizes: Sizes) -> Result:
    """One broker, one row, then the crash.

    What fails is told in the result, for one broken row must not end the run.
    """
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as parent:
        settings = getattr(row, "SETTINGS", {}).get(target)
        trial = Trial(TARGETS[target](data_dir_of(Path(parent), target), settings), sizes)
        result = Result(loader_shares=trial.loader_shares)
        try:
            if row.NEEDS:
                trial.require(row.NEEDS)
            if not getattr(row, "STARTS_ITSELF", False):
                trial.start()
            if getattr(row, "WARM", False) and "raw" in trial.target.serves:
                warm(trial)
            for figures in row.measure(trial):
                result.figures |= figures
            if trial.target.durable and trial.acknowledged and "raw" in trial.target.serves:
                result.lost = lost_by_crash(trial)
                result.counted = sum(trial.acknowledged.values())
        except UnsupportedError as lacks:
            result.error = str(lacks)
        except Exception as failed:  # noqa: BLE001
            traceback.print_exc()
            result.error = f"failed: {str(failed).strip()[-300:] or type(failed).__name__}"
        finally:
            trial.end()
            trial.target.kill()
        return result
