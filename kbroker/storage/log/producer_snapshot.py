"""`.snapshot` files: the producers of a partition as they were at the offset in the file's name.

Kafka's format: version 1, CRC32C of what follows, an array of entries. An entry holds only a producer's last
batch.
"""

from collections import deque
from collections.abc import Collection
from struct import Struct, error

from crc32c import crc32c

from kbroker.state.producers import BATCHES_KEPT, Producer, WrittenBatch, first_sequence_of

SUFFIX = ".snapshot"
_VERSION = 1
_HEADER = Struct(">hI")
_COUNT = Struct(">i")
# id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, first offset of open
# transaction
_ENTRY = Struct(">qhiqiqiq")


class CorruptSnapshotError(Exception):
    """A snapshot cannot be read; an older one, or the log itself, has to serve."""


def serialize(producers: Collection[Producer]) -> bytes:
    """A snapshot file's content."""
    entries = []
    for producer in producers:
        batch = producer.batches[-1] if producer.batches else WrittenBatch(-1, -1, -1, -1, -1)
        entries.append(
            _ENTRY.pack(
                producer.producer_id,
                producer.epoch,
                batch.last_sequence,
                batch.last_offset,
                batch.last_offset - batch.first_offset,
                producer.last_timestamp,
                producer.coordinator_epoch,
                producer.txn_first_offset,
            )
        )
    body = _COUNT.pack(len(entries)) + b"".join(entries)
    return _HEADER.pack(_VERSION, crc32c(body)) + body


def parse(data: bytes) -> list[Producer]:
    """Producers of a snapshot file. Raises CorruptSnapshotError."""
    try:
        version, crc = _HEADER.unpack_from(data)
        (count,) = _COUNT.unpack_from(data, _HEADER.size)
        body = memoryview(data)[_HEADER.size + _COUNT.size :]
        if version != _VERSION or crc32c(data[_HEADER.size :]) != crc or len(body) != count * _ENTRY.size:
            raise CorruptSnapshotError
    except error:
        raise CorruptSnapshotError from None
    return [_producer(*fields) for fields in _ENTRY.iter_unpack(body)]


def _producer(  # noqa: PLR0917 - the fields of an entry
    producer_id: int,
    epoch: int,
    last_sequence: int,
    last_offset: int,
    offset_delta: int,
    timestamp: int,
    coordinator_epoch: int,
    txn_first_offset: int,
) -> Producer:
    batches: deque[WrittenBatch] = deque(maxlen=BATCHES_KEPT)
    if last_offset >= 0:
        first_sequence = first_sequence_of(last_sequence, offset_delta)
        batches.append(
            WrittenBatch(first_sequence, last_sequence, last_offset - offset_delta, last_offset, timestamp)
        )
    return Producer(producer_id, epoch, coordinator_epoch, timestamp, txn_first_offset, batches)
