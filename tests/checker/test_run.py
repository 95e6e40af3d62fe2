"""The checker as a whole: seconds of it, as it is run by hand for minutes."""

import subprocess
import sys
from pathlib import Path

from .hand_made import History, as_lines

ROOT = Path(__file__).parents[2]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "checker" / "run.py", *arguments]
    return subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)


def test_a_broker_that_is_killed_keeps_every_promise(tmp_path: Path) -> None:
    workloads = ("raw_records", "raw_coordinated", "python_client")
    done = run("--quick", "--kills", 4, "--seed", 1, "--results", tmp_path, "--workload", *workloads)
    assert done.returncode == 0, done.stdout + done.stderr
    told = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    for kind in ("append", "read", "commit", "committed", "end", "fence", "owned", "add_offsets"):
        assert " ok" in told[kind], done.stdout
    assert " kill" in done.stdout
    again = run("--check", tmp_path / "seed-1" / "history.jsonl")
    assert again.returncode == 0
    assert "every promise was kept" in again.stdout


def test_a_history_that_breaks_a_promise_is_told(tmp_path: Path) -> None:
    history = History()
    history.append(0, 0)
    history.read([], high=1)
    path = tmp_path / "history.jsonl"
    path.write_text("".join(as_lines(history.lines)))
    done = run("--check", path)
    assert done.returncode == 1
    assert "VIOLATED: no acknowledged record is lost" in done.stdout


def test_a_broker_that_does_not_start_is_told_apart(tmp_path: Path) -> None:
    done = run("--quick", "--results", tmp_path, "--workload", "raw_records", "--broker", "false")
    assert done.returncode == 2
    assert "did not start" in done.stdout
