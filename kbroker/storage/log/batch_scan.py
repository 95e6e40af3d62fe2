"""Walking over the batches of a `.log` file by their headers alone."""

import os
from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

HEADER_BYTES = 61
OVERHEAD_BYTES = 12  # base offset and length, which the length does not count
_FIRST_CHUNK, _LAST_CHUNK = 8 * 1024, 256 * 1024  # a search ends soon, a recovery does not
BATCHES_A_PAUSE = 64  # of small ones, about a hundred µs of work
_MAGIC_AT, _MAGIC_2 = 16, 2


class StoredBatch(NamedTuple):
    """Where a batch is, and the fields of its header that the log cares about."""

    position: int
    size: int
    base_offset: int
    leader_epoch: int
    attributes: int
    last_offset: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int


_FIELDS = Struct(">qii5xhiqqqhii")  # skips magic and CRC


def scan(descriptor: int, position: int, end: int) -> Iterator[StoredBatch]:
    """Batches from `position` (a batch's start) to `end`; stops before what cannot be a whole batch.

    Bytes are read in chunks that grow, unless batches are so large that little more than headers is wanted.
    """
    chunk, chunk_start, chunk_size = b"", position, _FIRST_CHUNK
    while position + HEADER_BYTES <= end:
        at = position - chunk_start
        if at + HEADER_BYTES > len(chunk):
            if at > len(chunk):
                chunk_size = _FIRST_CHUNK
            chunk = os.pread(descriptor, min(chunk_size, end - position), position)
            chunk_size = min(2 * chunk_size, _LAST_CHUNK)
            chunk_start, at = position, 0
            if len(chunk) < HEADER_BYTES:
                return
        batch = _batch(chunk, at, position, end)
        if batch is None:
            return
        yield batch
        position += batch.size


def batch_at(descriptor: int, position: int, end: int) -> StoredBatch | None:
    """The batch at `position`; None for what cannot be one that is whole before `end`."""
    header = os.pread(descriptor, min(HEADER_BYTES, end - position), position)
    return _batch(header, 0, position, end) if len(header) == HEADER_BYTES else None


def _batch(chunk: bytes, at: int, position: int, end: int) -> StoredBatch | None:
    """What the header says that is at `at` in a chunk, and at `position` in the file."""
    base_offset, length, epoch, attributes, last_delta, *rest = _FIELDS.unpack_from(chunk, at)
    size = length + OVERHEAD_BYTES
    if chunk[at + _MAGIC_AT] != _MAGIC_2 or size < HEADER_BYTES or position + size > end or last_delta < 0:
        return None
    return StoredBatch(position, size, base_offset, epoch, attributes, base_offset + last_delta, *rest)


def read_batch(descriptor: int, batch: StoredBatch) -> bytes:
    """All bytes of a batch."""
    return os.pread(descriptor, batch.size, batch.position)
