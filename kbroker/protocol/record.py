"""The records inside a batch: off the hot path only (search by time, compaction, tests, control records)."""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from kbroker.protocol.batch import (
    HEADER_SIZE,
    LENGTH_OVERHEAD,
    MAGIC_V2,
    NO_PRODUCER_ID,
    NO_TIMESTAMP,
    BatchHeader,
    Codec,
    TimestampType,
    pack_header,
    parse_header,
    seal,
)
from kbroker.protocol.compression import MAX_DECOMPRESSED, compress, decompress
from kbroker.protocol.errors import LongVarintError, ProtocolError
from kbroker.protocol.wire import Buffer

_INT32_BITS: Final = 32
_INT64_BITS: Final = 64
_LEAST_INT64: Final = -(1 << 63)
_MOST_INT64: Final = (1 << 63) - 1

Header = tuple[str, bytes | None]


@attrs.define(weakref_slot=False)
class Record:
    """One record with its absolute offset and timestamp (ms).

    Header keys that are not UTF-8 keep their bytes as surrogate escapes, so that they can be written back.
    """

    offset: int = 0
    timestamp: int = NO_TIMESTAMP
    key: bytes | None = None
    value: bytes | None = None
    headers: list[Header] = attrs.field(factory=list)


def records_of(batch: Buffer, max_size: int = MAX_DECOMPRESSED) -> Iterator[Record]:
    """Decode the records of one whole batch, one by one.

    Raises ProtocolError, possibly after some records, if they are not what the header promises, or unpack to
    more than `max_size` bytes; KafkaError UNSUPPORTED_COMPRESSION_TYPE if the codec's library is missing.
    """
    header = parse_header(batch)
    if header.magic != MAGIC_V2 or not HEADER_SIZE <= header.size_in_bytes <= len(batch):
        raise ProtocolError(
            f"no whole batch: magic {header.magic}, {header.size_in_bytes} of {len(batch)} bytes"
        )
    return read_records(
        decompress(header.codec, memoryview(batch)[HEADER_SIZE : header.size_in_bytes], max_size), header
    )


def read_records(plain: Buffer, header: BatchHeader) -> Iterator[Record]:
    """Decode the records of a batch from what its payload unpacks to, one by one.

    Raises ProtocolError, possibly after some records.
    """
    data = memoryview(plain)
    appended = header.max_timestamp if header.timestamp_type is TimestampType.LOG_APPEND_TIME else None
    position = 0
    try:
        for _ in range(header.record_count):
            record, position = _read_record(data, position, header)
            if appended is not None:
                record.timestamp = appended
            yield record
    except IndexError:
        raise ProtocolError("records end early") from None
    if position != len(data):
        raise ProtocolError(f"{len(data) - position} bytes after the last record")


def _read_record(data: memoryview, position: int, header: BatchHeader) -> tuple[Record, int]:
    size, position = read_varint(data, position)
    end = position + size
    if not position < end <= len(data):
        raise ProtocolError(f"record of {size} bytes where {len(data) - position} are left")
    timestamp_delta, position = read_varint(
        data, position + 1, _INT64_BITS
    )  # after attributes, which mean nothing yet
    offset_delta, position = read_varint(data, position)
    key, position = _read_bytes(data, position, end)
    value, position = _read_bytes(data, position, end)
    headers, position = _read_headers(data, position, end)
    if position != end:
        raise ProtocolError(f"record of {size} bytes has {size + position - end}")
    timestamp = header.base_timestamp + timestamp_delta
    if not _LEAST_INT64 <= timestamp <= _MOST_INT64:
        timestamp = _wrapped(timestamp)
    return Record(header.base_offset + offset_delta, timestamp, key, value, headers), end


def _wrapped(number: int) -> int:
    """What is left of a number in 64 bits: producers that count beyond them are answered as by Java."""
    return (number - _LEAST_INT64 & (1 << _INT64_BITS) - 1) + _LEAST_INT64


def _read_headers(data: memoryview, position: int, end: int) -> tuple[list[Header], int]:
    count, position = read_varint(data, position)
    if not 0 <= count <= end - position:
        raise ProtocolError(f"{count} record headers where {end - position} bytes are left")
    headers: list[Header] = []
    for _ in range(count):
        key, position = _read_bytes(data, position, end)
        if key is None:
            raise ProtocolError("record header without a key")
        value, position = _read_bytes(data, position, end)
        headers.append((key.decode("utf-8", "surrogateescape"), value))
    return headers, position


def _read_bytes(data: memoryview, position: int, end: int) -> tuple[bytes | None, int]:
    size, position = read_varint(data, position)
    if size == -1:
        return None, position
    if not 0 <= size <= end - position:
        raise ProtocolError(f"field of {size} bytes where {end - position} are left in its record")
    return bytes(data[position : position + size]), position + size


def read_varint(data: Buffer, position: int, bits: int = _INT32_BITS) -> tuple[int, int]:
    """Read a zigzag varint of 32 or 64 bits; returns it and the position after it. IndexError at the end."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004
            break
        shift += 7
        if shift >= bits:
            raise LongVarintError(f"varint is longer than {bits} bits")
    if value >> bits:
        raise LongVarintError(f"varint is longer than {bits} bits")
    return (value >> 1) ^ -(value & 1), position


def varint(value: int) -> bytes:
    """Encode a zigzag varint of up to 64 bits."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value >= 0x80:  # noqa: PLR2004
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_batch(
    records: Iterable[Record],
    *,
    base_offset: int | None = None,
    last_offset: int | None = None,
    leader_epoch: int = -1,
    codec: Codec = Codec.NONE,
    level: int | None = None,
    timestamp_type: TimestampType = TimestampType.CREATE_TIME,
    producer_id: int = NO_PRODUCER_ID,
    producer_epoch: int = -1,
    base_sequence: int = -1,
    transactional: bool = False,
    control: bool = False,
    delete_horizon_ms: int | None = None,
) -> bytearray:
    """Encode a batch. Offsets default to those of the first and last record; compaction gives wider ones.

    Under LOG_APPEND_TIME the largest timestamp of the records becomes that of all. `delete_horizon_ms`: see
    `BatchHeader`.
    """
    items = list(records)
    first = base_offset if base_offset is not None else items[0].offset
    last = last_offset if last_offset is not None else items[-1].offset
    if delete_horizon_ms is not None:
        base_timestamp = delete_horizon_ms
    else:
        base_timestamp = items[0].timestamp if items else NO_TIMESTAMP
    plain = b"".join(encode_record(record, first, base_timestamp) for record in items)
    payload = compress(codec, plain, level) if items else b""
    header = BatchHeader(
        base_offset=first,
        batch_length=HEADER_SIZE - LENGTH_OVERHEAD + len(payload),
        partition_leader_epoch=leader_epoch,
        magic=MAGIC_V2,
        crc=0,
        attributes=codec
        | timestamp_type << 3
        | transactional << 4
        | control << 5
        | (delete_horizon_ms is not None) << 6,
        last_offset_delta=last - first,
        base_timestamp=base_timestamp,
        max_timestamp=max((record.timestamp for record in items), default=NO_TIMESTAMP),
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        record_count=len(items),
    )
    batch = bytearray(pack_header(header))
    batch += payload
    seal(batch)
    return batch


def encode_record(record: Record, base_offset: int, base_timestamp: int) -> bytes:
    """One record of a batch of that base offset and timestamp."""
    parts = [
        b"\x00",
        varint(_wrapped(record.timestamp - base_timestamp)),
        varint(record.offset - base_offset),
        _encode_bytes(record.key),
        _encode_bytes(record.value),
        varint(len(record.headers)),
    ]
    for key, value in record.headers:
        parts.append(_encode_bytes(key.encode("utf-8", "surrogateescape")))
        parts.append(_encode_bytes(value))
    body = b"".join(parts)
    return varint(len(body)) + body


def _encode_bytes(value: bytes | None) -> bytes:
    return varint(-1) if value is None else varint(len(value)) + value
