"""The engine that runs anywhere: mutates seeds and kept inputs, and goes on from those that ended in a new way.

It has no coverage to be guided by. What it knows of an input is how it ended: see `fixtures.outcome`.
"""

import random
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from fixtures import outcome

from engine import corpus
from engine.bounds import bounded
from engine.mutation import mutated
from engine.target import Target

_MOST_POOLED = 4000
_AGAIN = 8  # mutations of one input in a row


@attrs.define
class Report:
    """What a run came to."""

    target: str
    inputs: int
    seconds: float
    failures: list[tuple[str, Path]]  # the last line of each, and where its input is

    def __str__(self) -> str:
        rate = self.inputs / self.seconds if self.seconds else 0
        return f"{self.target:<16}{self.inputs:>10} inputs {rate:>8.0f}/s  {len(self.failures)} failures"


def run(
    target: Target,
    *,
    seconds: float | None,
    inputs: int | None,
    seed: int,
    crashes: Path,
    tell: Callable[[str], None],
    mutations_only: bool = False,
) -> Report:
    """Run until a bound is reached. The same seed gives the same inputs, as long as the target ends them the same.

    `mutations_only` leaves out the seeds and kept inputs as they are.
    """
    report = Report(target.name, 0, 0.0, [])
    known: set[str] = set()
    began = time.monotonic()
    for data in _inputs(target, random.Random(seed), mutations_only=mutations_only):
        report.seconds = time.monotonic() - began
        if (inputs is not None and report.inputs >= inputs) or (
            seconds is not None and report.seconds >= seconds
        ):
            break
        report.inputs += 1
        try:
            bounded(target.check, data)
        except Exception as error:  # noqa: BLE001  each is a find
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} at {where.filename}:{where.lineno}"
            if kind not in known:
                known.add(kind)
                path = corpus.keep(crashes / target.name, data)
                report.failures.append((f"{type(error).__name__}: {error}", path))
                tell(f"{target.name}: {path}\n{''.join(traceback.format_exception(error))}")
    return report


def _inputs(target: Target, rng: random.Random, *, mutations_only: bool = False) -> Iterator[bytes]:
    """Every seed and kept input as it is, then mutations without end."""
    pool = [*target.seeds(), *corpus.kept(target.name)] or [b""]
    endings: set[object] = set()
    for data in [] if mutations_only else list(pool):
        outcome.forget()
        yield data
        endings.add(outcome.last())
    while True:
        base = rng.choice(pool)
        for _ in range(_AGAIN):
            data = mutated(rng, base, pool)
            outcome.forget()
            yield data
            if (ending := outcome.last()) not in endings:
                endings.add(ending)
                if len(pool) < _MOST_POOLED:
                    pool.append(data)
