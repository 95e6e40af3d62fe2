"""kbroker/storage/interfaces/file_region.py: bytes that stay in their file until they are sent."""

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from kbroker.storage.interfaces.file_region import (
    FileRegion,
    OpenRegions,
    UnreadableFileError,
    in_memory,
    memory_of,
)

CONTENT = bytes(range(256)) * 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "segment"
    path.write_bytes(CONTENT)
    return path


class Regions:
    """A file's regions: how many are open, and what was said of their failures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open = OpenRegions(100)
        self.failures: list[OSError] = []

    def __call__(self, position: int, size: int) -> FileRegion:
        with self.path.open("rb") as file:
            return FileRegion(file.fileno(), position, size, self.open, self.failures.append)


@pytest.fixture
def region_of(path: Path) -> Regions:
    return Regions(path)


def test_it_is_there_though_the_file_was_closed_replaced_and_deleted(path: Path, region_of: Regions) -> None:
    region = region_of(3, 600)
    path.with_name("other").write_bytes(b"other")
    path.with_name("other").rename(path)
    path.unlink()
    assert (len(region), region.read(), in_memory(region)) == (600, CONTENT[3:603], CONTENT[3:603])
    assert b"".join(region.pieces(250)) == CONTENT[3:603]
    assert [len(piece) for piece in region.pieces(250)] == [250, 250, 100]


@pytest.mark.skipif(sys.platform != "linux", reason="files are sent on Linux alone")
def test_what_was_sent_is_dropped(region_of: Regions) -> None:
    region = region_of(3, 600)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sent = region.send_to(ours.fileno())
        assert theirs.recv(1000) == CONTENT[3 : 3 + sent]
    region.drop(100)
    assert (len(region), region.read()) == (500, CONTENT[103:603])


@pytest.mark.skipif(sys.platform != "linux", reason="files are sent on Linux alone")
def test_a_file_that_was_cut_off_is_to_blame_itself(region_of: Regions) -> None:
    region = region_of(len(CONTENT) - 10, 11)
    with pytest.raises(UnreadableFileError, match="1 bytes too early"):
        region.read()
    region.drop(10)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(UnreadableFileError, match="1 bytes too early"):
        region.send_to(ours.fileno())
    assert len(region_of.failures) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="files are sent on Linux alone")
def test_a_client_that_is_gone_is_no_failure_of_the_file(region_of: Regions) -> None:
    region = region_of(0, 600)
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(BrokenPipeError):
        region.send_to(ours.fileno())
    assert region_of.failures == []
    assert region_of.open.has_room


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_files_cannot_be_sent_there_are_no_more_regions(
    region_of: Regions, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "sendfile", refuse)
    assert region_of(0, 600).send_to(-1) == 0
    assert not region_of.open.has_room


def test_an_error_of_the_disk_is_told(region_of: Regions, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> int:
        raise OSError(errno.EIO, "the disk is broken")

    region = region_of(0, 600)
    monkeypatch.setattr(os, "sendfile", fail)
    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(UnreadableFileError, match="the disk is broken"):
        region.send_to(-1)
    assert [error.errno for error in region_of.failures] == [errno.EIO]


def test_its_descriptor_is_closed_with_it(region_of: Regions) -> None:
    regions = [region_of(0, 10) for _ in range(5)]
    descriptors = [region._descriptor for region in regions]
    assert region_of.open.count == 5
    del regions
    assert region_of.open.count == 0
    for descriptor in descriptors:
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(descriptor)
    with pytest.raises(OSError, match="descriptor"):
        FileRegion(10**6, 0, 1, region_of.open, region_of.failures.append)
    assert region_of.open.count == 0


def test_bytes_are_in_memory_already(region_of: Regions) -> None:
    assert in_memory(b"abc") == b"abc"
    assert (memory_of(b"abc"), memory_of(region_of(0, 600))) == (3, 0)
