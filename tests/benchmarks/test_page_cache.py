from pathlib import Path

from bench.page_cache import PAGE, cached_bytes


def test_what_was_just_written_is_in_the_page_cache(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(3 * PAGE + 1))
    assert cached_bytes(file) == 4 * PAGE
    (tmp_path / "empty").touch()
    assert cached_bytes(tmp_path / "empty") == 0
