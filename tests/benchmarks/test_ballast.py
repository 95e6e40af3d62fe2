import os
import subprocess
from pathlib import Path

import pytest
from bench import ballast, page_cache


def test_once_it_is_filled_it_is_in_the_page_cache_and_on_no_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = ["stat", "-f", "-c", "%T", str(tmp_path)]
    if subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == "tmpfs":
        pytest.skip("a hole of a file in tmpfs takes no memory")
    size = 8 * ballast.PIECE + page_cache.PAGE
    monkeypatch.setattr(ballast, "available_bytes", lambda: size)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with ballast.Ballast() as filled:
        filled.fill()
        path = Path(f"/proc/self/fd/{filled.fileno()}")
        assert page_cache.cached_bytes(path) == size
        assert os.stat(path).st_blocks == 0


def test_one_that_is_not_wanted_has_nothing() -> None:
    with ballast.Ballast(wanted=False) as empty:
        empty.fill()
        assert os.fstat(empty.fileno()).st_size == 0


def test_the_memory_that_is_available() -> None:
    assert 0 < ballast.available_bytes() < 1 << 50
