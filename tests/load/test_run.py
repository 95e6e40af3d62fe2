"""Each scenario for a moment, at a hundredth of its size."""

import subprocess
import sys
from pathlib import Path

LOAD = Path(__file__).resolve().parents[2] / "load"
FEW = ("many_connections", "slow_disk")


def test_the_command_measures_and_tells() -> None:
    command = [sys.executable, LOAD / "run.py", *FEW, "--seconds", "0.5", "--scale", "0.01"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    head, rule, *rows = done.stdout.splitlines()
    assert head.count("|") == rule.count("|"), done.stderr
    assert [row.count("|") for row in rows[: len(FEW)]] == [head.count("|")] * len(FEW), done.stdout
    assert "5,000 connections" in rows[0]
    assert "MB" in rows[1]
    assert done.returncode == int(any(rows[len(FEW) :]))
