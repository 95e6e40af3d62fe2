import os
from pathlib import Path

import pytest

from kbroker.storage.log.file_system import FileSystem, replace_file, write_all


def test_replaced_file_is_whole_or_as_before(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    replace_file(FileSystem(), path, b"before, and longer")

    class Full(FileSystem):
        def write_at(self, descriptor: int, data: bytes, position: int) -> int:  # type: ignore[override]
            if position >= 3:
                raise OSError(28, "No space left on device")
            return os.pwrite(descriptor, data[:3], position)

    with pytest.raises(OSError, match="No space"):
        replace_file(Full(), path, b"after")
    assert Path(path).read_bytes() == b"before, and longer"
    replace_file(FileSystem(), path, b"after")
    assert Path(path).read_bytes() == b"after"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_writing_goes_on_after_short_writes(tmp_path: Path) -> None:
    class Short(FileSystem):
        def write_at(self, descriptor: int, data: bytes, position: int) -> int:  # type: ignore[override]
            return os.pwrite(descriptor, data[:2], position)

    files = Short()
    descriptor = files.create(str(tmp_path / "file"))
    write_all(files, descriptor, b"abcdefg", 1)
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"\0abcdefg"


def test_allocating_reserves_the_size(tmp_path: Path) -> None:
    files = FileSystem()
    descriptor = files.create(str(tmp_path / "file"))
    files.allocate(descriptor, 4096)
    os.close(descriptor)
    assert (tmp_path / "file").stat().st_size == 4096
