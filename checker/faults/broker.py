"""The broker process: killed and started again on the same port and data."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.brokers import answers_api_versions, free_port

READY_TIMEOUT_S, STOP_TIMEOUT_S = 30.0, 20.0
TRACEBACK = "Traceback (most recent call last):"
ERROR_LINE = re.compile(r"[\w.]+(: |$)")

SETTINGS = {
    "num.partitions": "3",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "500",
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.num.partitions": "3",
    "log.cleaner.backoff.ms": "300",
    "log.retention.check.interval.ms": "500",
    "log.initial.task.delay.ms": "300",
    "auto.create.topics.enable": "false",
}
"""What makes things happen within seconds that take minutes by default."""


class Broker:
    """A broker that advertises a proxy's port, and listens for it on `port`."""

    def __init__(self, command: Sequence[str], work: Path, *, advertised: int, source: Path | None) -> None:
        self.port = free_port()
        self._work = work
        data = work / "data"
        data.mkdir()
        sets = SETTINGS | {"advertised.listeners": f"PLAINTEXT://127.0.0.1:{advertised}"}
        self._command = [
            *(command or [sys.executable, "-m", "kbroker"]),
            "serve", "--listeners", f"PLAINTEXT://127.0.0.1:{self.port}", "--data-dir", str(data),
            *(part for name, value in sets.items() for part in ("--set", f"{name}={value}")),
        ]  # fmt: skip
        self._environment = environment(os.environ, source)
        self.log = work / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, and don't wait."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._work,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait for an answer. RuntimeError, with the end of its log, if the process ended or is too late."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not answers_api_versions(self.port):
            if not self.runs() or time.monotonic() > deadline:
                raise RuntimeError(
                    f"the broker did not start:\n{self.log.read_text(errors='replace')[-3000:]}"
                )
            time.sleep(0.02)

    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, and wait for it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM. Returns the exit status: that of SIGKILL if it took too long."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def tracebacks(self) -> list[str]:
        """What exceptions it logged that nobody expected, a line each."""
        if not self.log.exists():
            return []
        after = self.log.read_text(errors="replace").split(TRACEBACK)[1:]
        return [_raised(text) for text in after]

    def pause(self, seconds: float) -> None:
        """SIGSTOP for a while."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)


def _raised(text: str) -> str:
    """The exception below a traceback: the first line that isn't further in."""
    lines = (line.lstrip(" |") for line in text.splitlines()[1:])
    return next((line for line in lines if ERROR_LINE.match(line)), "an exception")


def environment(inherited: Mapping[str, str], source: Path | None) -> dict[str, str]:
    """Without what would change settings; the modules of another source tree come first."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(("KAFKA_", "PYTHON"))}
    return kept | ({"PYTHONPATH": str(source.resolve())} if source else {})
