"""From spawn to the first answered request, beside an interpreter that only imports kbroker's two packages."""

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.figures import Figure, at_most
from bench.trial import Trial

TITLE = "Spawn to first answered request"
NEEDS = ""
QUICK = True
STARTS_ITSELF = True
TIMES = 5

FIGURES = [
    Figure("first", "with an empty directory", "ms", must=at_most(1 / 12)),
    Figure("again", "with the directory of a clean stop", "ms", must=at_most(1 / 12)),
    Figure(
        "interpreters",
        'as a multiple of `python -c "import trio, attrs"`',
        "",
        must=at_most(1.6).of_the_value(),
    ),
]


def import_ms() -> float:
    """Wall ms of an interpreter that imports trio and attrs, and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import trio, attrs"], check=True)
    return (time.perf_counter() - began) * 1e3


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """The median of some starts, each beside an import."""
    first = trial.start()
    again, imports = [], []
    for _ in range(TIMES):
        trial.target.stop()
        imports.append(import_ms())
        again.append(trial.start())
    ratio = median(a / b for a, b in zip(again, imports, strict=True))
    yield {"first": first, "again": median(again)} | (
        {"interpreters": ratio} if trial.name == "kbroker" else {}
    )
