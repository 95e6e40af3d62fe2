"""What a client folder's `run(session)` is given, and running a client program whose output is checks."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.brokers import Broker
from harness.report import Report

LINE = re.compile(r"(PASS|FAIL) ([^:]+)(?:: (.*))?$")


@dataclass
class Session:
    """One run of one client against one kind of broker."""

    broker_type: type[Broker]
    work: Path
    """An empty directory for whatever the run writes; removed afterwards."""
    quick: bool
    """Run the short subset."""

    def broker(self, settings: Mapping[str, str] | None = None) -> Broker:
        """A new broker, not started: use it in a `with` statement. It can be stopped, killed and restarted."""
        return self.broker_type(settings=settings)


def run_program(
    report: Report,
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> None:
    """Run a program and add to the report each line of `PASS name` and `FAIL name: reason` that it prints.

    A program that prints no check, ends with a status its lines don't explain, or doesn't end in time
    is a failed check itself.
    """
    name = f"{Path(argv[0]).name} {' '.join(Path(part).name for part in map(str, argv[1:]) if '/' in part)}".strip()
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # so that what it started can be ended with it
    )
    late = False
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        late = True
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
    before = len(report.checks)
    for line in output.splitlines():
        if found := LINE.match(line):
            report.add(found[2].strip(), found[1] == "PASS", found[3] or "no reason given")
    added = report.checks[before:]
    explained = process.returncode == 0 or any(not check.passed for check in added)
    if late:
        report.add(f"{name} ends", False, f"still running after {timeout:.0f} s: {output[-500:]}")
    elif not added or not explained:
        report.add(f"{name} ends well", False, f"exit status {process.returncode}: {output[-500:]}")


def run_phases(
    report: Report,
    broker: Broker,
    argv: Sequence[str | Path],
    *,
    quick: bool,
    kill: bool = False,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> None:
    """Run a program that takes `--bootstrap --prefix --phase --quick` through all its phases.

    `main` needs nothing more of the broker; the broker is restarted between `before` and `after` (killed
    with SIGKILL if `kill`), on the same port and data. All three are given the same prefix for names.
    """
    prefix = f"{report.client}-{report.version}".replace(" ", "-")
    for phase in ("main", "before", "after"):
        if phase == "after":
            if kill:
                broker.kill()
                broker.start()
            else:
                broker.restart()
        given = ["--bootstrap", broker.bootstrap, "--prefix", prefix, "--phase", phase]
        run_program(
            report, [*argv, *given, *(["--quick"] if quick else [])], cwd=cwd, env=env, timeout=timeout
        )
