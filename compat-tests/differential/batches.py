"""Record batches (magic 2), right and wrong on purpose: every header field can be overridden."""

import struct
import zlib
from collections.abc import Iterable

from crc32c import crc32c

TIME = 1_700_000_000_000  # timestamp in ms of the first record, unless a scenario needs another

HEADER = struct.Struct(">qiibIhiqqqhii")  # KIP-98: base offset … record count
CRC_START = 21  # the checksum covers everything from the attributes on
GZIP, LOG_APPEND_TIME, TRANSACTIONAL, CONTROL = 1, 8, 16, 32


def varint(value: int) -> bytes:
    """A zigzag varint."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def record(delta: int, value: bytes | None, key: bytes | None = None, time_delta: int | None = None) -> bytes:
    """One record; its timestamp follows its offset by default."""
    body = b"\0" + varint(delta if time_delta is None else time_delta) + varint(delta)
    for part in (key, value):
        body += varint(-1) if part is None else varint(len(part)) + part
    body += varint(0)
    return varint(len(body)) + body


def batch(
    values: Iterable[bytes] = (b"value",),
    *,
    time: int = TIME,
    base_offset: int = 0,
    leader_epoch: int = -1,
    magic: int = 2,
    attributes: int = 0,
    producer: tuple[int, int, int] = (-1, -1, -1),
    records: bytes | None = None,
    count: int | None = None,
    last_offset_delta: int | None = None,
    max_time: int | None = None,
    length_more: int = 0,
    crc_xor: int = 0,
) -> bytes:
    """One batch with a valid checksum (unless `crc_xor`). `producer` is id, epoch and base sequence.

    `records` are taken as they are; made of `values`, they are compressed as the attributes say (gzip alone).
    """
    values = list(values)
    if records is None:
        records = b"".join(record(i, value) for i, value in enumerate(values))
        if attributes & 7 == GZIP:
            records = zlib.compress(records, wbits=31)
    size = len(values) if count is None else count
    last = len(values) - 1 if last_offset_delta is None else last_offset_delta
    largest = time + len(values) - 1 if max_time is None else max_time
    header = HEADER.pack(
        base_offset, HEADER.size - 12 + len(records) + length_more, leader_epoch, magic, 0,
        attributes, last, time, largest, *producer, size,
    )  # fmt: skip
    covered = header[CRC_START:] + records
    return header[:17] + struct.pack(">I", crc32c(covered) ^ crc_xor) + covered
