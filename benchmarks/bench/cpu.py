"""CPU time and memory of a process and its children."""

import os
import time
from collections.abc import Callable
from pathlib import Path

TICK = 1.0 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def stat_fields(text: str) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second, a name, may hold blanks and brackets."""
    return text[text.rindex(")") + 2 :].split()


def own_seconds(pid: int) -> float:
    """What the process itself has used, all its threads together, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | 2)  # the id that clock_getcpuclockid(3) gives on Linux


def waited_seconds(text: str) -> float:
    """cutime + cstime of a /proc/PID/stat text: of the children that it has waited for, in steps of 10 ms."""
    return sum(int(each) for each in stat_fields(text)[13:15]) * TICK


def tree(pid: int, proc: Path = Path("/proc")) -> list[int]:
    """The process and its living descendants."""
    found = [pid]
    for each in found:
        for children in (proc / str(each) / "task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def cpu_seconds(pid: int, proc: Path = Path("/proc"), own: Callable[[int], float] = own_seconds) -> float:
    """CPU seconds that a process and its descendants, living or waited for, have used."""
    return sum(
        own(each) + waited_seconds((proc / str(each) / "stat").read_text()) for each in tree(pid, proc)
    )


def resident_mib(pid: int, proc: Path = Path("/proc")) -> float:
    """Resident memory (RSS) of a process and its descendants, in MiB."""
    pages = sum(int((proc / str(each) / "statm").read_text().split()[1]) for each in tree(pid, proc))
    return pages * PAGE / 2**20
