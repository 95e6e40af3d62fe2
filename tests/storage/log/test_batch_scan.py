"""Walking over batches by their headers, up to what cannot be one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbroker.storage.log.batch_scan import StoredBatch, read_batch, scan

from .conftest import NOW_MS, batch


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "log", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def write(descriptor: int, *batches: bytes) -> int:
    """All of a file; returns its size."""
    os.ftruncate(descriptor, 0)
    return os.pwrite(descriptor, b"".join(batches), 0)


def found(descriptor: int, end: int, position: int = 0) -> list[int]:
    return [each.position for each in scan(descriptor, position, end)]


def test_a_batch_is_what_its_header_says(file: int) -> None:
    first = batch()
    second = batch(3, producer_id=7, producer_epoch=2, base_sequence=5)
    second[:8] = (40).to_bytes(8, "big")
    second[12:16] = (9).to_bytes(4, "big")
    end = write(file, first, second)
    _, stored = scan(file, 0, end)
    assert stored == StoredBatch(
        position=len(first), size=len(second), base_offset=40, leader_epoch=9, attributes=0, last_offset=42,
        base_timestamp=NOW_MS, max_timestamp=NOW_MS, producer_id=7, producer_epoch=2, base_sequence=5,
        record_count=3,
    )  # fmt: skip
    assert read_batch(file, stored) == second
    assert found(file, end, position=len(first)) == [len(first)]


def test_batches_of_any_size_are_walked_over(file: int) -> None:
    """Smaller and larger than the chunks that are read at a time."""
    sizes = [100, 8192, 70, 9000, 300_000, *[150] * 3000, 600_000, 61]
    batches = [batch(size=size) for size in sizes[:-1]]
    end = write(file, *batches)
    positions = found(file, end)
    assert positions == [sum(map(len, batches[:at])) for at in range(len(batches))]


@pytest.mark.parametrize("junk", [b"", b"\0" * 5000, b"\xff" * 100, b"x", b"\0" * 61])
def test_it_stops_before_what_is_no_batch(file: int, junk: bytes) -> None:
    whole = batch()
    assert found(file, write(file, whole, whole, junk)) == [0, len(whole)]


def test_it_stops_before_a_batch_that_is_cut_off(file: int) -> None:
    whole = batch()
    end = write(file, whole, whole)
    for short in range(len(whole), 2 * len(whole)):
        assert found(file, short) == [0]
    os.ftruncate(file, len(whole) + 30)
    assert found(file, end) == [0], "the file is shorter than was said"


@pytest.mark.parametrize(
    ("at", "value"),
    [(16, b"\x01"), (8, b"\xff\xff\xff\xff"), (8, (48).to_bytes(4, "big")), (23, b"\xff\xff\xff\xff")],
    ids=["magic", "negative length", "shorter than a header", "negative last offset delta"],
)
def test_it_stops_before_a_header_that_cannot_be(file: int, at: int, value: bytes) -> None:
    wrong = batch()
    wrong[at : at + len(value)] = value
    assert found(file, write(file, batch(), wrong)) == [0]
