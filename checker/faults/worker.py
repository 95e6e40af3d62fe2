"""A workload's process, as the trial sees it."""

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from faults.broker import environment

CHECKER = Path(__file__).resolve().parent.parent


class WorkerProcess:
    """Runs `workloads.NAME` until it is told to stop. `counted`: operations it has told of."""

    def __init__(self, workload: str, work: Path, *arguments: str, **given: Any) -> None:
        from workloads.available import interpreter

        self.name = workload
        self.counted = 0
        given |= {"name": workload, "history": str(work / f"{workload}.part")}
        with (work / f"{workload}.log").open("wb") as log:
            self._process = subprocess.Popen(
                [interpreter(workload), "-m", f"workloads.{workload}", json.dumps(given), *arguments],
                cwd=CHECKER,
                env=environment(os.environ, None),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.counted = int(line)

    def stop(self) -> None:
        """Ask it to end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def wait(self, seconds: float) -> int:
        """Wait for its end. Returns its exit status. Raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """End it if it runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
