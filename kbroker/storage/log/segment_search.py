"""Finding batches in a segment: the index gives a start nearby, headers read from there give the place."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from kbroker.storage.interfaces.file_region import LEAST_BYTES, FileRegion
from kbroker.storage.log.batch_scan import StoredBatch, batch_at, scan
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


def first_offset_from(segment: Segment, position: int, otherwise: int) -> int:
    """Base offset of the first batch at or after a position; `otherwise` when the segment has none."""
    indexed = segment.indexes[0].entry_at(position)
    for batch in batches_from(segment, segment.base_offset + indexed):
        if batch.position >= position:
            return batch.base_offset
    return otherwise


def position_of(segment: Segment, offset: int) -> int:
    """Where the first batch that ends at or after `offset` starts; the segment's end when it has none.

    Raises KafkaError CORRUPT_MESSAGE, as Apache Kafka does, when what comes before that is no batch: what lies behind
    it must not be taken for what was asked for.
    """
    end = 0
    for batch in batches_from(segment, offset):
        if batch.last_offset >= offset:
            return batch.position
        end = batch.position + batch.size
    if end != segment.size:
        raise segment.corrupt(end)
    return segment.size


def read_batches(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> bytes:
    """Batches from the one at `start` up to the boundary `end`; `max_bytes` may cut the last one off, as in Kafka.

    The first is never cut off: if it alone is larger than `max_bytes` it is the only one, with `at_least_one`, or
    there is none.
    """
    return _read(segment.open(), _bytes_to_read(segment, start, end, max_bytes, at_least_one), start)


def batches_to_send(  # noqa: PLR0917  where, how much, and whom to tell
    segment: Segment,
    start: int,
    end: int,
    max_bytes: int,
    at_least_one: bool,
    failed: Callable[[OSError], object],
) -> bytes | FileRegion:
    """As `read_batches`, but many bytes stay where they are, if that can be; `failed` is told if they can't be sent."""
    size = _bytes_to_read(segment, start, end, max_bytes, at_least_one)
    descriptor = segment.open()
    if size >= LEAST_BYTES and segment.open_regions.has_room:
        with suppress(OSError):  # no descriptor is left
            return FileRegion(descriptor, start, size, segment.open_regions, failed)
    return _read(descriptor, size, start)


def _bytes_to_read(segment: Segment, start: int, end: int, max_bytes: int, at_least_one: bool) -> int:
    size = end - start
    if size <= max_bytes:
        return size
    first = batch_at(segment.open(), start, end)
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
