"""What a client folder's `run(session)` is given, and running a client program whose output is checks."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.brokers import Broker
from harness.report import Report

PHASES = ("main", "before", "after")
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
        """A new broker: start it with a `with` statement; it can be stopped, killed and restarted."""
        return self.broker_type(settings=settings)


@dataclass
class Program:
    """A client program that prints its checks, one a line: `PASS name` or `FAIL name: reason`."""

    argv: Sequence[str | Path]
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to this process's environment."""
    timeout: float = 120
    """Seconds that one run may take."""

    def run(self, report: Report, *arguments: str) -> None:
        """Run it and add its checks to the report.

        Printing no check, ending with a status that its lines don't explain, and not ending in time are
        failed checks themselves.
        """
        process = subprocess.Popen(
            [*self.argv, *arguments],
            cwd=self.cwd,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # so that what it started can be ended with it
        )
        ended = True
        try:
            output, _ = process.communicate(timeout=self.timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            ended = False
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
        before = len(report.checks)
        for line in output.splitlines():
            if found := LINE.match(line):
                report.add(found[2].strip(), found[1] == "PASS", found[3] or "no reason given")
        added = report.checks[before:]
        failed = any(not check.passed for check in added)
        if not ended:
            report.add(
                "the program ends", False, f"still running after {self.timeout:.0f} s: {output[-500:]}"
            )
        elif not added or (process.returncode != 0 and not failed):
            report.add("the program ends well", False, f"exit status {process.returncode}: {output[-500:]}")

    def run_phases(self, report: Report, broker: Broker, *, quick: bool, kill: bool = False) -> None:
        """Run it with `--bootstrap --prefix --phase [--quick]` three times.

        Phase `main` needs nothing more of the broker; between `before` and `after` the broker is restarted
        (or, with `kill`, ended by SIGKILL and started) on the same port and data. Topic and group names
        begin with the prefix, which stays the same.
        """
        for phase in PHASES:
            if phase == "after":
                (broker.kill if kill else broker.stop)()
                broker.start()
            self.run_phase(report, broker, phase, quick=quick)

    def run_phase(self, report: Report, broker: Broker, phase: str, *, quick: bool) -> None:
        """Run one of these three."""
        prefix = f"{report.client}-{report.version}".replace(" ", "-")
        given = ["--bootstrap", broker.bootstrap, "--prefix", prefix, "--phase", phase]
        self.run(report, *given, *["--quick"] * quick)
