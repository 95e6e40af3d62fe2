"""CPU time and memory of a process and its children, as /proc has them."""

import os
from pathlib import Path

TICK = 1.0 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def stat_fields(text: str) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second, a name, may hold blanks and brackets."""
    return text[text.rindex(")") + 2 :].split()


def own_and_waited_seconds(text: str) -> float:
    """utime + stime + cutime + cstime of a /proc/PID/stat text: itself and the children it has waited for."""
    return sum(int(each) for each in stat_fields(text)[11:15]) * TICK


def tree(pid: int, proc: Path = Path("/proc")) -> list[int]:
    """The process and its living descendants."""
    found = [pid]
    for each in found:
        for children in (proc / str(each) / "task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def cpu_seconds(pid: int, proc: Path = Path("/proc")) -> float:
    """CPU seconds that a process and its descendants, living or waited for, have used; 10 ms exact."""
    return sum(own_and_waited_seconds((proc / str(each) / "stat").read_text()) for each in tree(pid, proc))


def resident_mib(pid: int, proc: Path = Path("/proc")) -> float:
    """Resident memory (RSS) of a process and its descendants, in MiB."""
    pages = sum(int((proc / str(each) / "statm").read_text().split()[1]) for each in tree(pid, proc))
    return pages * PAGE / 2**20
