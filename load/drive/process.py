"""A broker's process as /proc has it."""

import os
import re
from pathlib import Path

import attrs
from bench.cpu import cpu_seconds

KIB_A_MIB = 1024


@attrs.frozen
class Usage:
    """What a process holds.

    rss, peak: MiB of resident memory now, and at most since its start or since `forget_peak`
    fds, threads: numbers of them
    cpu: seconds used since its start, children included
    """

    rss: float
    peak: float
    fds: int
    threads: int
    cpu: float


def usage(pid: int) -> Usage:
    """What the process holds now. FileNotFoundError when it is gone."""
    status = Path(f"/proc/{pid}/status").read_text()
    return Usage(
        _number(status, "VmRSS") / KIB_A_MIB,
        _number(status, "VmHWM") / KIB_A_MIB,
        len(os.listdir(f"/proc/{pid}/fd")),  # noqa: PTH208  names are not wanted
        _number(status, "Threads"),
        cpu_seconds(pid),
    )


def forget_peak(pid: int) -> None:
    """Have the peak counted from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def disk_mib(directory: Path) -> float:
    """MiB that the files of a directory take, as a file system counts them; what goes away meanwhile is 0."""
    blocks = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                blocks += (Path(parent) / name).stat().st_blocks
            except FileNotFoundError:
                continue
    return blocks * 512 / 2**20


def _number(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    assert found is not None, name
    return int(found[1])
