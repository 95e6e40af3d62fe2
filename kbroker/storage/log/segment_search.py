"""Finding batches in a segment: the index gives a start nearby, headers read from there give the place."""

import os
from collections.abc import Iterator

from kbroker.storage.log.batch_scan import StoredBatch, scan
from kbroker.storage.log.segment import Segment


def batch_holding(segment: Segment, offset: int) -> StoredBatch | None:
    """The first batch that ends at or after `offset`; None when the segment has none."""
    for batch in batches_from(segment, offset):
        if batch.last_offset >= offset:
            return batch
    return None


def batches_from(segment: Segment, offset: int) -> Iterator[StoredBatch]:
    """Batches from an indexed one at or before the one that holds `offset`, up to the segment's end.

    An index that does not lead to a batch is wrong, and is rebuilt.
    """
    indexed, start = segment.indexes[0].entry_before(offset - segment.base_offset)
    batches = scan(segment.open(), start, segment.size)
    first = next(batches, None)
    if start and (
        first is None or not segment.base_offset <= first.base_offset <= segment.base_offset + indexed
    ):
        segment.rebuild_indexes()
        _, start = segment.indexes[0].entry_before(offset - segment.base_offset)
        batches = scan(segment.open(), start, segment.size)
        first = next(batches, None)
    if first is not None:
        yield first
        yield from batches


def position_of(segment: Segment, offset: int) -> int:
    """Where the first batch that ends at or after `offset` starts; the segment's end when it has none."""
    batch = batch_holding(segment, offset)
    return segment.size if batch is None else batch.position


def read_whole(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> bytes:
    """Whole batches from the one at `start`, up to the batch boundary `end` and to `max_bytes`.

    With `at_least_one` the first batch is there even if it alone is larger. Nothing is scanned when all of it fits.
    """
    if start >= end:
        return b""
    descriptor = segment.open()
    if end - start > max_bytes:
        limit = start + max_bytes
        boundary = max(start, segment.indexes[0].boundary_before(limit))
        for batch in scan(descriptor, boundary, end):
            following = batch.position + batch.size
            if following > limit and (batch.position > start or not at_least_one):
                break
            boundary = following
            if following >= limit:
                break
        end = boundary
        if end == start:
            return b""
    return _read(descriptor, end - start, start)


def _read(descriptor: int, size: int, position: int) -> bytes:
    """`size` bytes; the kernel gives at most 2 GiB, and sometimes less than asked, at a time."""
    data = os.pread(descriptor, size, position)
    if len(data) == size or not data:
        return data
    parts = [data]
    read = len(data)
    while read < size and (data := os.pread(descriptor, size - read, position + read)):
        parts.append(data)
        read += len(data)
    return b"".join(parts)
