import os
import time
from pathlib import Path

import pytest
from bench.cpu import TICK, cpu_seconds, own_seconds, resident_mib, stat_fields, tree, waited_seconds

STAT = (
    "{pid} (a name) with) S 1 2 3 0 -1 4194560 10 20 0 0 {user} {system} {waited_user} {waited_system} 20 0 1"
)


def process(proc: Path, pid: int, times: tuple[int, int, int, int], children: str, pages: int) -> None:
    (proc / str(pid) / "task" / str(pid)).mkdir(parents=True)
    user, system, waited_user, waited_system = times
    (proc / str(pid) / "stat").write_text(
        STAT.format(pid=pid, user=user, system=system, waited_user=waited_user, waited_system=waited_system)
    )
    (proc / str(pid) / "statm").write_text(f"999 {pages} 1 1 0 1 0")
    (proc / str(pid) / "task" / str(pid) / "children").write_text(children)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    process(tmp_path, 10, (100, 50, 7, 3), "11 12 ", 256)
    process(tmp_path, 11, (20, 0, 0, 0), "13", 256)
    process(tmp_path, 12, (0, 4, 0, 0), "", 256)
    process(tmp_path, 13, (1, 1, 0, 0), "", 256)
    process(tmp_path, 14, (10_000, 0, 0, 0), "", 256)
    return tmp_path


def test_a_name_may_hold_blanks_and_brackets() -> None:
    assert stat_fields("5 (x) y)) R 1")[:2] == ["R", "1"]


def test_children_that_were_waited_for_count() -> None:
    text = STAT.format(pid=1, user=100, system=50, waited_user=7, waited_system=3)
    assert waited_seconds(text) == pytest.approx(10 * TICK)


def test_what_a_process_uses_itself_is_told_exactly() -> None:
    before = time.process_time(), own_seconds(os.getpid())
    sum(range(1_000_000))
    after = time.process_time(), own_seconds(os.getpid())
    assert after[1] - before[1] == pytest.approx(after[0] - before[0], abs=0.001)


def test_all_descendants_belong_to_the_tree_and_no_stranger(proc: Path) -> None:
    assert sorted(tree(10, proc)) == [10, 11, 12, 13]
    used = {10: 1.5, 11: 0.2, 12: 0.04, 13: 0.02}
    assert cpu_seconds(10, proc, used.__getitem__) == pytest.approx(sum(used.values()) + 10 * TICK)


def test_memory_is_that_of_the_whole_tree(proc: Path) -> None:
    assert resident_mib(10, proc) == pytest.approx(4 * 256 * os.sysconf("SC_PAGE_SIZE") / 2**20)


def test_this_process_has_used_some() -> None:
    assert resident_mib(os.getpid()) > 1
    assert cpu_seconds(os.getpid()) > 0
