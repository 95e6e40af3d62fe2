"""A copy of the source tree, in which a mutant can do what it likes."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from making.mutant import Mutant

_NEEDED = ("kbroker", "tests", "compat-tests", "benchmarks", "fuzz", "checker", "mutants", "pyproject.toml")
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "results", "corpus", "node_modules", "target")


@contextmanager
def scratch_copy(tree: Path, mutant: Mutant | None) -> Iterator[Path]:
    """A copy of what the judges need of `tree`, with the mutant in it, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="kbroker-mutant-", ignore_cleanup_errors=True) as directory:
        copy = Path(directory, "tree")
        copy.mkdir()
        for name in _NEEDED:
            if (tree / name).is_dir():
                shutil.copytree(tree / name, copy / name, ignore=_LEFT_OUT)
            elif (tree / name).exists():
                shutil.copyfile(tree / name, copy / name)
        if mutant is not None:
            mutant.write(copy)
        yield copy
