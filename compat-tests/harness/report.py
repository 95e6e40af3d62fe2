"""What a client's run found: checks, reports, and the report card over all of them."""

import json
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

KnownFailures = dict[tuple[str, str], str]
"""Reasons by (version or "*", check name), from a known_failures.txt."""


@dataclass
class Check:
    """One expectation of the broker, by name; `reason` says why it failed."""

    name: str
    passed: bool
    reason: str = ""


@dataclass
class Report:
    """The checks of one version of one client."""

    client: str
    version: str
    checks: list[Check] = field(default_factory=list)

    def add(self, name: str, passed: bool, reason: str = "") -> None:
        """Record a check."""
        self.checks.append(Check(name, passed, "" if passed else one_line(reason)))

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Record a check that passes if the block raises nothing."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 a check may fail in any way and the next ones still run
            self.add(name, False, describe(error))
        else:
            self.add(name, True)

    @property
    def failed(self) -> list[Check]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check.passed]

    @classmethod
    def from_json(cls, data: dict[str, object]) -> Self:
        """The reverse of `asdict`."""
        checks = data["checks"]
        assert isinstance(checks, list)
        return cls(str(data["client"]), str(data["version"]), [Check(**check) for check in checks])


@dataclass
class Outcome:
    """What running one client folder came to: reports, or the name of what is absent."""

    client: str
    seconds: float = 0.0
    reports: list[Report] = field(default_factory=list)
    absent: str | None = None

    def known(self, allowed: KnownFailures, *, whole: bool) -> tuple[list[str], list[str]]:
        """Set failures that are allowed apart from what is wrong.

        Args:
            allowed: what may fail.
            whole: whether everything ran, so that an entry that met no check is stale.

        Returns:
            Lines for failures with a known reason; lines for all else that is wrong, stale entries too.
        """
        known, wrong, used = [], [], set()
        for report in self.reports:
            for check in report.checks:
                keys = [key for key in ((report.version, check.name), ("*", check.name)) if key in allowed]
                used.update(key for key in keys if not check.passed)
                if check.passed:
                    continue
                where = f"{report.client} {report.version}: {check.name}"
                if keys:
                    known.append(f"{where}: known: {allowed[keys[0]]}")
                else:
                    wrong.append(f"{where}: {check.reason}")
        met = {name for report in self.reports for name in (check.name for check in report.checks)}
        wrong += [
            f"{self.client}: known_failures.txt is stale, nothing fails as: {' '.join(key)}"
            for key in sorted(allowed.keys() - used)
            if self.reports and (whole or key[1] in met)
        ]
        return known, wrong


def read_known_failures(path: Path) -> KnownFailures:
    """Reasons by (version, check name), from lines of `version check name # reason`; version may be `*`."""
    allowed = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            entry, _, reason = line.partition(" # ")
            version, _, name = entry.strip().partition(" ")
            if not (name and reason.strip()):
                raise ValueError(f"{path}: want 'version check name # reason', got {line!r}")
            allowed[version, name.strip()] = reason.strip()
    return allowed


def print_card(
    outcomes: Sequence[Outcome], broker: str, allowed: dict[str, KnownFailures], *, whole: bool
) -> bool:
    """Print the report card; True if nothing is wrong that isn't known with its reason."""
    print(f"\n{'client':<22}{'version':<14}{'passed':>7}{'run':>6}{'seconds':>9}   against {broker}")
    details: list[str] = []
    clean = True
    for outcome in outcomes:
        if outcome.absent:
            print(f"{outcome.client:<22}{'absent: ' + outcome.absent}")
        for at, report in enumerate(outcome.reports):
            passed = len(report.checks) - len(report.failed)
            seconds = f"{outcome.seconds:>9.0f}" if at == 0 else ""
            print(f"{report.client:<22}{report.version:<14}{passed:>7}{len(report.checks):>6}{seconds}")
        known, wrong = outcome.known(allowed.get(outcome.client, {}), whole=whole)
        details += [f"  {line}" for line in known] + [f"! {line}" for line in wrong]
        clean = clean and not wrong
    print(*(["", *details] if details else []), sep="\n", end="\n\n")
    checks = [check for outcome in outcomes for report in outcome.reports for check in report.checks]
    absent = [outcome.absent for outcome in outcomes if outcome.absent]
    print(f"absent: {len(absent)} ({', '.join(absent)})" if absent else "absent: 0")
    print(f"{sum(c.passed for c in checks)} passed, {sum(not c.passed for c in checks)} failed")
    return clean


def write_json(outcomes: Iterable[Outcome], broker: str, path: Path) -> None:
    """Write everything the report card is made of."""
    path.parent.mkdir(exist_ok=True)
    clients = [asdict(outcome) for outcome in outcomes]
    path.write_text(json.dumps({"broker": broker, "clients": clients}, indent=1))


def describe(error: BaseException) -> str:
    """An error in one line, with the last place it passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno}: {frames[-1].line})" if frames else ""
    return one_line(f"{type(error).__name__}: {error}{place}")


def one_line(text: str, limit: int = 600) -> str:
    """Text on one line, its middle left out if long."""
    text = " | ".join(line.strip() for line in text.splitlines() if line.strip())
    return text if len(text) <= limit else f"{text[: limit // 2]} … {text[-limit // 2 :]}"
