"""Running a judge: within a time, with bounded memory and files, and nothing of it left afterwards."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import attrs

MOST_MEMORY, MOST_FILE = 4 << 30, 1 << 30  # bytes: a mutant may write or remember without end
_TO_END_S = 20.0


@attrs.frozen
class Outcome:
    """`status` is None when the time was up."""

    status: int | None
    output: str
    seconds: float


def run(command: Sequence[str], tree: Path, seconds: float) -> Outcome:
    """Run a command in a scratch copy, whose `kbroker` is what it imports."""
    started = time.monotonic()
    output = tree.parent / "output"
    with (
        output.open("wb") as file,
        subprocess.Popen(
            command,
            cwd=tree,
            env=_environment(tree),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        for what, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_FSIZE, MOST_FILE)):
            resource.prlimit(process.pid, what, (most, most))
        try:
            status: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
            _end(process)
        except KeyboardInterrupt:  # which it doesn't get, in a session of its own
            _end(process)
            raise
    return Outcome(status, output.read_text(errors="replace"), time.monotonic() - started)


def _environment(tree: Path) -> dict[str, str]:
    """No bytecode: of two sources of one size and second, Python would take one for the other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "PYTHON"))}
    temporary = tree.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return kept | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(temporary)}


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does, so that it ends what it has started; by force if it doesn't."""
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_TO_END_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
