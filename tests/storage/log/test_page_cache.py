"""kbroker/storage/log/page_cache.py, on a file whose pages the kernel has been told to drop."""

import os
from pathlib import Path

import pytest

from kbroker.storage.log import page_cache
from kbroker.storage.log.page_cache import ColdRange, is_cached

SIZE = 2 * 1024 * 1024


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    """A file of which nothing is in memory; skips where the file system keeps it there."""
    path = tmp_path / "cold"
    path.write_bytes(os.urandom(SIZE))
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if is_cached(file.fileno(), 0, SIZE):
            pytest.skip("this file system keeps its files in memory, or does not tell")
    return path


def cached(path: Path, position: int = 0, size: int = SIZE) -> bool:
    with path.open("rb") as file:
        return is_cached(file.fileno(), position, size)


def test_what_was_just_written_is_cached(tmp_path: Path) -> None:
    path = tmp_path / "warm"
    path.write_bytes(bytes(SIZE))
    assert cached(path)
    assert cached(path, SIZE - 1, 1)
    assert cached(path, SIZE, 0)


def test_what_was_dropped_is_not_until_it_is_loaded(cold: Path) -> None:
    assert not cached(cold)
    ColdRange(str(cold), 0, SIZE).load()
    assert cached(cold)


def test_all_of_it_is_loaded_whatever_the_kernel_reads_ahead(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be told to read less ahead than lies between two looks."""
    monkeypatch.setattr(os, "posix_fadvise", lambda *_: None)
    ColdRange(str(cold), 0, SIZE).load()
    assert all(cached(cold, at, 1) for at in range(0, SIZE, 4096))


def test_a_hole_behind_the_beginning_is_noticed(cold: Path) -> None:
    ColdRange(str(cold), 0, 4096).load()
    with cold.open("rb") as file:
        os.posix_fadvise(file.fileno(), SIZE // 2, SIZE // 4, os.POSIX_FADV_DONTNEED)
    assert not cached(cold)


def test_the_end_that_is_asked_for_is_looked_at(cold: Path) -> None:
    with cold.open("rb") as file:
        os.pread(file.fileno(), 4096, 0)
        os.posix_fadvise(file.fileno(), SIZE // 2, SIZE // 2, os.POSIX_FADV_DONTNEED)
        assert is_cached(file.fileno(), 0, 4096)
        assert not is_cached(file.fileno(), 0, 4096, SIZE)


def test_a_file_that_is_gone_is_its_reader_s_to_report(tmp_path: Path) -> None:
    ColdRange(str(tmp_path / "gone"), 0, 10).load()


def test_where_the_system_cannot_tell_everything_counts_as_cached(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "_NOWAIT", 0)
    assert cached(cold)
