"""kbroker/storage/interfaces/file_region.py: bytes that stay in their file until they are sent."""

import os
import socket
from pathlib import Path

import pytest

from kbroker.storage.interfaces.file_region import FileRegion, in_memory

CONTENT = bytes(range(256)) * 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "segment"
    path.write_bytes(CONTENT)
    return path


def region_of(path: Path, position: int, size: int) -> FileRegion:
    with path.open("rb") as file:
        return FileRegion(file.fileno(), position, size)


def test_it_is_there_though_the_file_was_closed_replaced_and_deleted(path: Path) -> None:
    region = region_of(path, 3, 600)
    path.with_name("other").write_bytes(b"other")
    path.with_name("other").rename(path)
    path.unlink()
    assert (len(region), region.read(), in_memory(region)) == (600, CONTENT[3:603], CONTENT[3:603])


def test_what_was_sent_is_dropped(path: Path) -> None:
    region = region_of(path, 3, 600)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sent = region.send_to(ours.fileno())
        assert theirs.recv(1000) == CONTENT[3 : 3 + sent]
    region.drop(100)
    assert (len(region), region.read()) == (500, CONTENT[103:603])


def test_a_file_that_was_cut_off_is_an_error_and_no_endless_loop(path: Path) -> None:
    region = region_of(path, len(CONTENT) - 10, 11)
    with pytest.raises(OSError, match="1 bytes too early"):
        region.read()
    region.drop(10)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(OSError, match="1 bytes too early"):
        region.send_to(ours.fileno())


def test_its_descriptor_is_closed_with_it(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    regions = [region_of(path, 0, 10) for _ in range(5)]
    del regions
    after = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    assert after == before
    with pytest.raises(OSError, match="descriptor"):
        FileRegion(10**6, 0, 1)


def test_bytes_are_in_memory_already() -> None:
    assert in_memory(b"abc") == b"abc"
