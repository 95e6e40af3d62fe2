"""Batches as Kafka's coordinators write them into internal topics: keys and values of one moment.

The base sequence is 0 whoever writes, and nobody checks it.
"""

from collections.abc import Sequence
from typing import Final

from kbroker.protocol.batch import (
    HEADER_SIZE,
    LENGTH_OVERHEAD,
    MAGIC_V2,
    NO_PRODUCER_ID,
    BatchHeader,
    Codec,
    pack_header,
    seal,
)
from kbroker.protocol.compression import compress
from kbroker.protocol.record import varint

KeyValue = tuple[bytes, bytes | None]

_TRANSACTIONAL: Final = 0x10
_SHORT: Final = tuple(varint(number) for number in range(1024))
_NULL: Final = varint(-1)
_NO_HEADERS: Final = b"\0"
_PLAIN_AND_NOW: Final = b"\0\0"  # no attributes, timestamp as the batch's


def encode_coordinator_batch(
    records: Sequence[KeyValue],
    timestamp: int,
    *,
    codec: Codec = Codec.NONE,
    producer_id: int = NO_PRODUCER_ID,
    producer_epoch: int = -1,
    base_sequence: int = 0,
) -> tuple[bytearray, BatchHeader]:
    """A batch and its header; transactional if there is a producer. A value of None is a tombstone."""
    parts = []
    for delta, (key, value) in enumerate(records):
        tail = _NULL + _NO_HEADERS if value is None else _varint(len(value)) + value + _NO_HEADERS
        record = _PLAIN_AND_NOW + _varint(delta) + _varint(len(key)) + key + tail
        parts.append(_varint(len(record)))
        parts.append(record)
    payload = b"".join(parts) if codec is Codec.NONE else compress(codec, b"".join(parts))
    header = BatchHeader(
        base_offset=0,
        batch_length=HEADER_SIZE - LENGTH_OVERHEAD + len(payload),
        partition_leader_epoch=-1,
        magic=MAGIC_V2,
        crc=0,
        attributes=codec if producer_id == NO_PRODUCER_ID else codec | _TRANSACTIONAL,
        last_offset_delta=len(records) - 1,
        base_timestamp=timestamp,
        max_timestamp=timestamp,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        record_count=len(records),
    )
    batch = bytearray(pack_header(header))
    batch += payload
    seal(batch)
    return batch, header


def _varint(number: int) -> bytes:
    return _SHORT[number] if number < len(_SHORT) else varint(number)
