"""Finding batches in a segment: the index gives a start nearby, headers read from there give the place."""

import os
from collections.abc import Iterator

from kbroker.storage.interfaces.file_region import LEAST_BYTES, SENDS_FILES, FileRegion
from kbroker.storage.log.batch_scan import StoredBatch, scan
from kbroker.storage.log.segment import Segment


def batches_from(segment: Segment, offset: int, descriptor: int = -1) -> Iterator[StoredBatch]:
    """Batches from an indexed one at or before the one that holds `offset`, up to the segment's end.

    They are read through `descriptor` if one is given. An index that does not lead to a batch is wrong, and is rebuilt.
    """
    indexed, start = segment.indexes[0].entry_before(offset - segment.base_offset)
    if descriptor < 0:
        descriptor = segment.open()
    batches = scan(descriptor, start, segment.size)
    first = next(batches, None)
    if start and (first is None or not 0 <= first.base_offset - segment.base_offset <= indexed):
        segment.rebuild_indexes()
        _, start = segment.indexes[0].entry_before(offset - segment.base_offset)
        batches = scan(descriptor, start, segment.size)
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


def read_batches(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> bytes:
    """Batches from the one at `start` up to the boundary `end`; `max_bytes` may cut the last one off, as in Kafka.

    The first is never cut off: if it alone is larger than `max_bytes` it is the only one, with `at_least_one`, or
    there is none.
    """
    return _read(segment.open(), _bytes_to_read(segment, start, end, max_bytes, at_least_one), start)


def batches_to_send(
    segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool
) -> bytes | FileRegion:
    """As `read_batches`, but many bytes stay where they are, if files can be sent."""
    size = _bytes_to_read(segment, start, end, max_bytes, at_least_one)
    if size < LEAST_BYTES or not SENDS_FILES:
        return _read(segment.open(), size, start)
    return FileRegion(segment.open(), start, size)


def _bytes_to_read(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> int:
    size = end - start
    if size <= max_bytes:
        return size
    first = next(scan(segment.open(), start, end), None)
    if first is not None and first.size > max_bytes:
        return first.size if at_least_one else 0
    return max_bytes


def _read(descriptor: int, size: int, position: int) -> bytes:
    """`size` bytes; the kernel may give less than asked for at a time."""
    if size <= 0:
        return b""
    data = os.pread(descriptor, size, position)
    if len(data) == size:
        return data
    parts = [data]
    while data and (size := size - len(data)):
        position += len(data)
        data = os.pread(descriptor, size, position)
        parts.append(data)
    return b"".join(parts)
