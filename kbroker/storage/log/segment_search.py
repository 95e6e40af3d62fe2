"""Finding batches in a segment: the index gives a start nearby, headers read from there give the place."""

import os
from collections.abc import Iterator

from kbroker.storage.log.batch_scan import StoredBatch, scan
from kbroker.storage.log.segment import Segment


def batches_from(segment: Segment, offset: int) -> Iterator[StoredBatch]:
    """Batches from an indexed one at or before the one that holds `offset`, up to the segment's end.

    An index that does not lead to a batch is wrong, and is rebuilt.
    """
    indexed, start = segment.indexes[0].entry_before(offset - segment.base_offset)
    batches = scan(segment.open(), start, segment.size)
    first = next(batches, None)
    if start and (first is None or not 0 <= first.base_offset - segment.base_offset <= indexed):
        segment.rebuild_indexes()
        _, start = segment.indexes[0].entry_before(offset - segment.base_offset)
        batches = scan(segment.open(), start, segment.size)
        first = next(batches, None)
    if first is not None:
        yield first
        yield from batches


def batch_holding(segment: Segment, offset: int) -> StoredBatch | None:
    """The first batch that ends at or after `offset`; None when the segment has none."""
    for batch in batches_from(segment, offset):
        if batch.last_offset >= offset:
            return batch
    return None


def position_of(segment: Segment, offset: int) -> int:
    """Where the first batch that ends at or after `offset` starts; the segment's end when it has none."""
    batch = batch_holding(segment, offset)
    return segment.size if batch is None else batch.position


def read_whole(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> bytes:
    """Whole batches from the one at `start`, up to the batch boundary `end` and to `max_bytes`.

    With `at_least_one` the first batch is there even if it alone is larger. Nothing is scanned when all of it
    fits.
    """
    if end - start > max_bytes:
        end = _last_boundary(segment, start, end, max_bytes, at_least_one)
    return _read(segment.open(), end - start, start) if end > start else b""


def _last_boundary(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> int:
    limit = start + max(max_bytes, 0)
    boundary = max(start, segment.indexes[0].boundary_before(limit))
    for batch in scan(segment.open(), boundary, end):
        following = batch.position + batch.size
        if following > limit and not (at_least_one and batch.position == start):
            break
        boundary = following
    return boundary


def _read(descriptor: int, size: int, position: int) -> bytes:
    """`size` bytes; the kernel may give less than asked for at a time."""
    data = os.pread(descriptor, size, position)
    if len(data) == size:
        return data
    parts = [data]
    while data and (size := size - len(data)):
        position += len(data)
        data = os.pread(descriptor, size, position)
        parts.append(data)
    return b"".join(parts)
