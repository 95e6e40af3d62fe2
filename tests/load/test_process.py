import os
import socket
import threading
from pathlib import Path

from drive.process import disk_mib, forget_peak, usage


def test_usage_counts_what_a_process_holds() -> None:
    before = usage(os.getpid())
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    with socket.socket():
        held = bytearray(os.urandom(1 << 20) * 16)
        now = usage(os.getpid())
        assert now.fds == before.fds + 1
        assert now.threads == before.threads + 1
        assert now.rss - before.rss > len(held) / 2**20 - 3
    done.set()
    thread.join()


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
