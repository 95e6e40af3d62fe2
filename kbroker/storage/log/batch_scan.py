"""Walking over the batches of a `.log` file by their headers alone."""

import os
from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

HEADER_BYTES = 61
OVERHEAD_BYTES = 12  # base offset and length, which the length does not count
_CHUNK = 256 * 1024
_MAGIC_2 = 2


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

    Bytes are read in chunks; a batch longer than what is left of a chunk costs one read of its successor's
    header.
    """
    chunk, chunk_start = b"", position
    while position + HEADER_BYTES <= end:
        at = position - chunk_start
        if at < 0 or at + HEADER_BYTES > len(chunk):
            chunk, chunk_start, at = os.pread(descriptor, min(_CHUNK, end - position), position), position, 0
            if len(chunk) < HEADER_BYTES:
                return
        (
            base,
            length,
            epoch,
            attributes,
            delta,
            first_time,
            last_time,
            producer,
            producer_epoch,
            sequence,
            count,
        ) = _FIELDS.unpack_from(chunk, at)
        size = length + OVERHEAD_BYTES
        if chunk[at + 16] != _MAGIC_2 or size < HEADER_BYTES or position + size > end or delta < 0:
            return
        yield StoredBatch(
            position, size, base, epoch, attributes, base + delta, first_time, last_time,
            producer, producer_epoch, sequence, count,
        )  # fmt: skip
        position += size


def read_batch(descriptor: int, batch: StoredBatch) -> bytes:
    """All bytes of a batch."""
    return os.pread(descriptor, batch.size, batch.position)
