"""Batches by offset, through sparse indexes and wrong ones."""

import errno
import os
import sys
from collections.abc import Callable

import pytest

from kbroker.storage.interfaces.file_region import LEAST_BYTES, FileRegion, in_memory
from kbroker.storage.log.segment_search import batch_holding, batches_from, position_of, read_batches

from .conftest import Disk, append, batch, fill, now, offsets_in, read_all, running_and_restarted

FIRST = f"{0:020d}"


@pytest.mark.parametrize("segment_bytes", [400, 10_000])
def test_every_offset_can_be_read_from(disk: Disk, segment_bytes: int) -> None:
    """Through sparse indexes and over segment borders, in a fresh process and in an old one."""
    disk.config.segment_bytes = segment_bytes
    disk.config.index_interval_bytes = 150
    log = disk.start()
    for _ in range(20):
        append(log, batch(3))
    for opened in running_and_restarted(disk, log):
        assert read_all(opened) == list(range(0, 60, 3))
        for offset in range(60):
            data = now(opened.read(offset, 1, at_least_one=True)).records
            assert offsets_in(data) == [offset // 3 * 3]


def test_index_that_leads_astray_is_rebuilt(disk: Disk) -> None:
    """Entries that look well but point into the middle of a batch."""
    fill(disk, 11)
    disk.stop()
    path = disk.partition_path / f"{FIRST}.index"
    content = bytearray(path.read_bytes())
    assert content
    content[7] += 1
    path.write_bytes(content)
    log = disk.start()
    assert [offsets_in(now(log.read(offset, 1, at_least_one=True)).records) for offset in range(4)] == [
        [0],
        [1],
        [2],
        [3],
    ]


def test_batches_by_the_offsets_they_hold(disk: Disk) -> None:
    log = disk.start()
    for _ in range(3):
        append(log, batch(3))
    segment, size = log.log.segments.active, len(batch(3))
    assert [batch.base_offset for batch in batches_from(segment, 8)] == [0, 3, 6], "no index: from the start"
    held = [found.base_offset if (found := batch_holding(segment, at)) else None for at in range(10)]
    assert held == [0, 0, 0, 3, 3, 3, 6, 6, 6, None]
    assert [position_of(segment, offset) for offset in (0, 4, 8, 9)] == [0, size, 2 * size, 3 * size]


def test_a_read_is_cut_at_its_limit_but_for_the_first_batch(disk: Disk) -> None:
    log = disk.start()
    for _ in range(3):
        append(log, batch())
    segment, size = log.log.segments.active, len(batch())
    sizes = [
        len(read_batches(segment, size, 3 * size, limit, at_least_one))
        for limit, at_least_one in [
            (9999, False),
            (size + 5, False),
            (size - 1, False),
            (size - 1, True),
            (0, True),
        ]
    ]
    assert sizes == [2 * size, size + 5, 0, size, size]
    assert read_batches(segment, size, size, 100, True) == b""


def test_the_index_is_used(disk: Disk) -> None:
    """It has an entry for the third batch alone, so that the search begins there."""
    fill(disk, 4)
    segment = disk.partition().log.segments.active
    assert next(batches_from(segment, 3)).base_offset == 2


async def in_this_thread(call: Callable[[], None]) -> None:
    call()


def test_many_bytes_to_be_sent_stay_in_their_file(disk: Disk) -> None:
    log = disk.start()
    size = len(batch(1, size=LEAST_BYTES // 2))
    for _ in range(4):
        append(log, batch(1, size=LEAST_BYTES // 2))
    stored = now(log.read(0, 4 * size)).records
    sent = now(log.read_to_send(1, 3 * size - 1, in_this_thread)).records
    assert isinstance(sent, FileRegion) == (sys.platform == "linux")
    assert in_memory(sent) == stored[size : 4 * size - 1]
    small = now(log.read_to_send(1, size, in_this_thread)).records
    assert isinstance(small, bytes)
    assert small == stored[size : 2 * size]
    assert now(log.read_to_send(0, size - 1, in_this_thread)).records == b""


def test_what_the_kernel_gives_in_parts_is_put_together(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = disk.start()
    for _ in range(2):
        append(log, batch(size=500))
    stored = now(log.read(0, 1000)).records
    pread = os.pread
    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", lambda descriptor, size, at: pread(descriptor, min(size, 300), at))
        assert read_batches(log.log.segments.active, 0, 1000, 500, at_least_one=True) == stored[:500]


def test_without_descriptors_to_spare_all_is_read(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    log = disk.start()
    append(log, batch(1, size=LEAST_BYTES))
    stored = now(log.read(0, 10**6)).records

    def refuse(descriptor: int) -> int:
        raise OSError(errno.EMFILE, "none left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "dup", refuse)
        assert now(log.read_to_send(0, 10**6, in_this_thread)).records == stored
    disk.open_files.regions.most = 0
    assert now(log.read_to_send(0, 10**6, in_this_thread)).records == stored
