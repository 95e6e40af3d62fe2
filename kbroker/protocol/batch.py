"""Record batches, format v2, by their 61-byte header alone: records stay encoded.

Layout: base offset, length of what follows, leader epoch, magic, CRC32C of what follows, attributes, last
offset delta, base and max timestamp, producer id and epoch, base sequence, record count, records. Base offset
and leader epoch lie outside the CRC, so that a broker may write them in place.
"""

from collections.abc import Iterator
from enum import IntEnum
from struct import Struct
from typing import Final

import attrs
from crc32c import crc32c

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.wire import Buffer

HEADER_SIZE: Final = 61
LENGTH_OVERHEAD: Final = 12  # base offset and length, which the length does not count
MAGIC_V2: Final = 2
NO_PRODUCER_ID: Final = -1
NO_TIMESTAMP: Final = -1

_HEADER: Final = Struct(">qiibIhiqqqhii")
_LENGTH_AT, _EPOCH_AT, _MAGIC_AT, _CRC_AT, ATTRIBUTES_AT, _MAX_TIMESTAMP_AT = 8, 12, 16, 17, 21, 35
_CODEC_BITS, _LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL, _DELETE_HORIZON = 0x07, 0x08, 0x10, 0x20, 0x40
_INT32: Final = Struct(">i")
_UINT32: Final = Struct(">I")
_INT64: Final = Struct(">q")
_OFFSET_LENGTH: Final = Struct(">qi")
_SHORTEST: Final = 14  # length of the smallest batch of any format
_INT32_MAX: Final = 0x7FFFFFFF


class MalformedBatchError(KafkaError):
    """What a client produced is no record batch at all, so that nothing in it was looked at."""


class Codec(IntEnum):
    """How the records of a batch are compressed."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


class TimestampType(IntEnum):
    """Who set the timestamps of a batch."""

    CREATE_TIME = 0
    LOG_APPEND_TIME = 1


@attrs.define(weakref_slot=False)
class BatchHeader:
    """The header's fields. Offsets, sequences and timestamps (ms) as on the wire; -1 where there is none."""

    base_offset: int
    batch_length: int
    partition_leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size_in_bytes(self) -> int:
        """Bytes of the whole batch."""
        return self.batch_length + LENGTH_OVERHEAD

    @property
    def last_offset(self) -> int:
        """Offset of the last record."""
        return self.base_offset + self.last_offset_delta

    @property
    def last_sequence(self) -> int:
        """Sequence of the last record; sequences wrap around after 2^31 - 1."""
        return (self.base_sequence + self.last_offset_delta) & 0x7FFFFFFF if self.base_sequence >= 0 else -1

    @property
    def codec(self) -> int:
        """Compression of the records: a `Codec`, or 5 to 7, which mean nothing."""
        return self.attributes & _CODEC_BITS

    @property
    def timestamp_type(self) -> TimestampType:
        """Who set the timestamps."""
        return (
            TimestampType.LOG_APPEND_TIME if self.attributes & _LOG_APPEND_TIME else TimestampType.CREATE_TIME
        )

    @property
    def is_transactional(self) -> bool:
        """Whether the batch belongs to a transaction."""
        return bool(self.attributes & _TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        """Whether the batch holds a control record, which consumers never see."""
        return bool(self.attributes & _CONTROL)

    @property
    def delete_horizon_ms(self) -> int | None:
        """When compaction may drop the batch's tombstones (KIP-534); None as long as that isn't settled.

        It then stands in the place of the base timestamp: timestamps are relative to it.
        """
        return self.base_timestamp if self.attributes & _DELETE_HORIZON else None

    @property
    def has_producer_id(self) -> bool:
        """Whether the producer is idempotent."""
        return self.producer_id > NO_PRODUCER_ID


def parse_header(buffer: Buffer, position: int = 0) -> BatchHeader:
    """Read the header of the batch at `position`. Raises ProtocolError if the buffer ends within it."""
    if len(buffer) - position < HEADER_SIZE:
        raise ProtocolError(f"batch header of {len(buffer) - position} bytes, {HEADER_SIZE} are needed")
    return BatchHeader(*_HEADER.unpack_from(buffer, position))


def iter_batches(buffer: Buffer) -> Iterator[tuple[BatchHeader, memoryview]]:
    """Yield header and bytes of each whole batch; stops before one that is cut off.

    Raises ProtocolError for bytes that cannot be a batch of format v2. CRCs are not checked.
    """
    view = memoryview(buffer)
    position, end = 0, len(view)
    while end - position >= HEADER_SIZE:
        header = parse_header(view, position)
        size = header.size_in_bytes
        if header.magic != MAGIC_V2 or size < HEADER_SIZE:
            raise ProtocolError(f"no batch at position {position}: magic {header.magic}, {size} bytes")
        if size > end - position:
            return
        yield header, view[position : position + size]
        position += size


def crc_of(batch: Buffer) -> int:
    """Compute the CRC32C that a batch should have."""
    return crc32c(memoryview(batch)[ATTRIBUTES_AT:])


def has_valid_crc(batch: Buffer) -> bool:
    """Check the CRC of exactly one batch."""
    crc: int = _UINT32.unpack_from(batch, _CRC_AT)[0]
    return crc_of(batch) == crc


def is_plain_v2(records: Buffer) -> bool:
    """Whether these bytes are seen at once to begin with a batch of format v2 that is in no transaction."""
    return (
        len(records) >= HEADER_SIZE
        and records[_MAGIC_AT] == MAGIC_V2
        and not records[ATTRIBUTES_AT + 1] & _TRANSACTIONAL
        and _INT32.unpack_from(records, _LENGTH_AT)[0] >= _SHORTEST
    )


def check_framing(records: Buffer | None) -> BatchHeader:
    """Check that a produce request's records begin with a whole batch of format v2, and hold no second one.

    Less than a second batch after it is ignored, as by Apache Kafka: `size_in_bytes` of the header is what
    counts. Raises MalformedBatchError.
    """
    if records is not None and len(records) >= HEADER_SIZE:  # most are as they should be
        header = parse_header(records)
        if header.magic == MAGIC_V2 and header.batch_length + LENGTH_OVERHEAD == len(records):
            return header
    if records is None or (size := framed_size(records, 0)) is None:
        raise MalformedBatchError(
            ErrorCode.INVALID_RECORD, "A partition's records must be one whole record batch"
        )
    if records[_MAGIC_AT] != MAGIC_V2:
        raise MalformedBatchError(
            ErrorCode.INVALID_RECORD, "Only record batches with magic value 2 can be produced"
        )
    if size < HEADER_SIZE:
        raise MalformedBatchError(ErrorCode.CORRUPT_MESSAGE, f"A record batch of {size} bytes is too small")
    if size != len(records) and framed_size(records, size) is not None:
        raise MalformedBatchError(
            ErrorCode.INVALID_RECORD, "A partition's records must be exactly one record batch"
        )
    return parse_header(records)


def framed_size(records: Buffer, position: int) -> int | None:
    """Size of the batch of any format at `position`, None if it is cut off. Raises MalformedBatchError."""
    left = len(records) - position
    if left <= _MAGIC_AT:
        return None
    _, length = _OFFSET_LENGTH.unpack_from(records, position)
    magic = records[position + _MAGIC_AT]
    if length < _SHORTEST:
        raise MalformedBatchError(
            ErrorCode.CORRUPT_MESSAGE, f"A record batch of length {length} is too small"
        )
    if length > _INT32_MAX - LENGTH_OVERHEAD:
        raise MalformedBatchError(
            ErrorCode.UNKNOWN_SERVER_ERROR, f"A record batch of length {length} is too large"
        )
    if magic > MAGIC_V2:
        raise MalformedBatchError(ErrorCode.CORRUPT_MESSAGE, f"Magic value {magic} is unknown")
    size: int = length + LENGTH_OVERHEAD
    return size if size <= left else None


def check_produced(records: Buffer | None, max_size: int = _INT32_MAX, *, zstd: bool = True) -> BatchHeader:
    """Check what a client produces to one partition without decoding its records; returns the batch's header.

    The batch is `records[:header.size_in_bytes]`. `max_size` is the topic's max.message.bytes; `zstd` tells
    whether the request's version may carry it (7 and later). Raises KafkaError with the code Apache Kafka
    gives, in its order of checks: framing, base offset, size, CRC, then what the header's fields say of each
    other.
    """
    header = check_framing(records)
    assert records is not None  # noqa: S101 - as check_framing has seen
    size = header.batch_length + LENGTH_OVERHEAD
    codec = header.attributes & _CODEC_BITS
    if not zstd and codec >= Codec.ZSTD:  # before the version that allows it the codec is looked at first
        if codec == Codec.ZSTD:
            raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "zstd needs Produce version 7 or later")
        raise MalformedBatchError(ErrorCode.UNKNOWN_SERVER_ERROR, f"Codec {codec} is unknown")
    if header.base_offset != 0:
        raise KafkaError(ErrorCode.INVALID_RECORD, f"The base offset must be 0, it is {header.base_offset}")
    if size > max_size:
        raise KafkaError(ErrorCode.MESSAGE_TOO_LARGE, f"The record batch has {size} bytes, over {max_size}")
    if crc32c(memoryview(records)[ATTRIBUTES_AT:size]) != header.crc:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "The record batch does not match its CRC")
    if codec > Codec.ZSTD:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"Codec {codec} is unknown")
    if header.record_count <= 0 or header.last_offset_delta != header.record_count - 1:
        raise KafkaError(
            ErrorCode.INVALID_RECORD,
            f"Record count {header.record_count} and last offset delta {header.last_offset_delta} disagree",
        )
    if header.base_sequence < 0 and header.producer_id > NO_PRODUCER_ID:
        raise KafkaError(
            ErrorCode.INVALID_RECORD, f"Sequence {header.base_sequence} of an idempotent producer"
        )
    if header.attributes & _CONTROL:
        raise KafkaError(ErrorCode.INVALID_RECORD, "Clients may not write control records")
    return header


def set_offset_and_epoch(batch: bytearray | memoryview, base_offset: int, leader_epoch: int) -> None:
    """Write base offset and leader epoch in place; the CRC does not cover them."""
    _INT64.pack_into(batch, 0, base_offset)
    _INT32.pack_into(batch, _EPOCH_AT, leader_epoch)


def set_log_append_time(batch: bytearray | memoryview, timestamp: int) -> None:
    """Make `timestamp` (ms) that of every record, in place: attributes, max timestamp and CRC."""
    batch[ATTRIBUTES_AT + 1] |= _LOG_APPEND_TIME
    set_max_timestamp(batch, timestamp)


def set_create_time(batch: bytearray | memoryview) -> None:
    """Mark the timestamps of a batch as the producer's own, in place: attributes and CRC."""
    batch[ATTRIBUTES_AT + 1] &= ~_LOG_APPEND_TIME & 0xFF
    seal(batch)


def set_max_timestamp(batch: bytearray | memoryview, timestamp: int) -> None:
    """Correct the max timestamp (ms) in place, and the CRC."""
    _INT64.pack_into(batch, _MAX_TIMESTAMP_AT, timestamp)
    seal(batch)


def seal(batch: bytearray | memoryview) -> None:
    """Write the CRC of a batch whose bytes have changed."""
    _UINT32.pack_into(batch, _CRC_AT, crc_of(batch))


def pack_header(header: BatchHeader) -> bytes:
    """Encode a header as it stands, CRC and all."""
    return _HEADER.pack(
        header.base_offset,
        header.batch_length,
        header.partition_leader_epoch,
        header.magic,
        header.crc,
        header.attributes,
        header.last_offset_delta,
        header.base_timestamp,
        header.max_timestamp,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        header.record_count,
    )
