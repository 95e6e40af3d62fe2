import os
import subprocess
import sys
from pathlib import Path

from drive.process import disk_mib, forget_peak, usage

# A process whose threads and files are its own: once it is told, it has one more of each, and 16 MiB.
GROWING = """
import os, socket, threading
print("ready", flush=True)
input()
threading.Thread(target=threading.Event().wait, daemon=True).start()
held = socket.socket(), bytearray(os.urandom(1 << 20) * 16)
print("grown", flush=True)
input()
"""


def test_usage_counts_what_a_process_holds() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", GROWING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        before = usage(process.pid)
        print(file=process.stdin, flush=True)
        assert process.stdout.readline() == "grown\n"
        now = usage(process.pid)
        print(file=process.stdin, flush=True)
    assert now.fds == before.fds + 1
    assert now.threads == before.threads + 1
    assert now.rss - before.rss > 16 - 3


def test_a_peak_stays_until_it_is_forgotten() -> None:
    held = bytearray(os.urandom(1 << 20) * 64)
    peak = usage(os.getpid()).peak
    del held
    assert usage(os.getpid()).peak >= peak
    forget_peak(os.getpid())
    assert usage(os.getpid()).peak < peak - 32


def test_a_directory_takes_what_its_files_take(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(bytes(3 << 20))
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 1 << 30)
    assert 2.9 < disk_mib(tmp_path) < 3.1
