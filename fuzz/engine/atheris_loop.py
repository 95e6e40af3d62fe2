"""The engine that is guided by coverage: atheris, which is libFuzzer for Python.

libFuzzer ends its process, so each target has one of its own: this file, run as a program.
"""

import logging
import re
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import corpus
from engine.bounds import SECONDS
from engine.mutate_loop import Report
from engine.mutation import LONGEST

RSS_LIMIT_MIB = 1024
_DONE = re.compile(r"^Done (\d+) runs|^#(\d+)\s", re.MULTILINE)
_ERROR = re.compile(r"^=== Uncaught Python exception: ===\n(.*)|^(==\d+==\s*ERROR: .*)", re.MULTILINE)
_WRITTEN = re.compile(r"Test unit written to (.*)")


def run(name: str, *, seconds: float | None, inputs: int | None, seed: int, crashes: Path) -> Report:
    """Run one target until a bound is reached or it breaks, and keep what reached something new beside the crashes."""
    crashes = (crashes / name).absolute()
    found = crashes / "corpus"
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kbroker-fuzz-") as seeds:
        command = [sys.executable, __file__, name, seeds]
        command += (
            [str(found), str(corpus.DIRECTORY / name)] if (corpus.DIRECTORY / name).is_dir() else [str(found)]
        )
        command += [
            f"-artifact_prefix={crashes}/",
            f"-seed={seed}",
            f"-max_len={LONGEST}",
            f"-timeout={SECONDS:.0f}",
        ]
        command += [f"-rss_limit_mb={RSS_LIMIT_MIB}", "-print_final_stats=1", "-use_value_profile=0"]
        command += [f"-max_total_time={seconds:.0f}"] if seconds else [f"-runs={inputs}"]
        began = time.monotonic()
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
        took = time.monotonic() - began
    runs = [int(one or other) for one, other in _DONE.findall(done.stderr)]
    report = Report(name, max(runs, default=0), took, [])
    output = done.stdout + done.stderr
    if done.returncode:
        error = _ERROR.search(output)
        what = (error[1] or error[2]) if error else output[-2000:]
        path = _WRITTEN.search(output)
        report.failures.append((what, Path(path[1].strip()) if path else crashes))
        print(output[-6000:])
    return report


def _fuzz(name: str, seeds: Path, arguments: list[str]) -> None:
    import atheris

    logging.disable()
    with atheris.instrument_imports(include=["kbroker"]):
        import kbroker

        for module in walk_packages(kbroker.__path__, "kbroker."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
        from engine.target import load_target

        target = load_target(name)
    for data in target.seeds():
        corpus.keep(seeds, data)
        target.check(data)  # what is made once is made before anybody counts the time
    # The first directory is where libFuzzer writes to.
    atheris.Setup([sys.argv[0], *arguments, str(seeds)], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    _fuzz(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
