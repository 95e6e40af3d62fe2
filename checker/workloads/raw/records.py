"""Batches of records that say who they are: an eight-byte value of producer and number, and padding.

Written and read by a codec of its own, but for compressed and compacted batches, which are rare.
"""

import time
from collections.abc import Sequence
from struct import Struct

from attrs import define
from crc32c import crc32c
from histories.identity import IDENTITY, KEY, packed, unpacked

from kbroker.protocol.compression import compress
from kbroker.protocol.records import Codec, records_of

HEADER = Struct(">qiibIhiqqqhii")
MOST_RECORDS = 60  # so that a delta is one byte
CRC_AT, CRC_FROM = 17, 21
TRANSACTIONAL, CONTROL, CODEC_BITS = 0x10, 0x20, 7
Run = list[int]  # offset, producer, number of the first record, count


class CorruptError(Exception):
    """What was read is not what anyone wrote; the message says where."""


@define(frozen=True)
class Session:
    """Who writes, as the broker knows them: nobody, or a producer id and epoch."""

    producer_id: int = -1
    epoch: int = -1
    transactional: bool = False


def batch(
    producer: int, first: int, count: int, session: Session, sequence: int,
    *, keys: int = 0, padding: int = 0, codec: Codec = Codec.NONE,
) -> bytes:  # fmt: skip
    """A batch of the records `first` and on. With `keys` each has its number modulo that as key."""
    identity, tail = IDENTITY.pack, bytes(padding) + b"\0"
    length = bytes([2 * (IDENTITY.size + padding)])
    base = packed(producer, first)
    if keys:
        parts = [
            _sized(
                b"\0\0%c\x04%b%b%b%b"
                % (2 * i, KEY.pack((first + i) % keys), length, identity(base + i), tail)
            )
            for i in range(count)
        ]
    else:
        parts = [
            _sized(b"\0\0%c\x01%b%b%b" % (2 * i, length, identity(base + i), tail)) for i in range(count)
        ]
    payload = b"".join(parts)
    if codec:
        payload = bytes(compress(codec, payload))
    now = time.time_ns() // 1_000_000
    attributes = codec | (TRANSACTIONAL if session.transactional else 0)
    header = bytearray(HEADER.pack(
        0, HEADER.size - 12 + len(payload), -1, 2, 0, attributes, count - 1, now, now,
        session.producer_id, session.epoch, sequence, count,
    ))  # fmt: skip
    crc = crc32c(payload, crc32c(header[CRC_FROM:]))
    header[CRC_AT:CRC_FROM] = crc.to_bytes(4, "big")
    return bytes(header) + payload


MOST_PADDING = 40  # so that lengths are one byte


def _sized(record: bytes) -> bytes:
    size = 2 * len(record)
    return (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + record


def read(data: memoryview, position: int, aborted: Sequence[tuple[int, int]] | None) -> tuple[list[Run], int]:
    """Runs of records from `position` on in what a Fetch returned, and the position after it.

    `aborted`: (producer id, first offset) of transactions to leave out, None to leave out nothing. Raises CorruptError.
    """
    runs: list[Run] = []
    ahead = sorted(aborted or (), key=lambda each: each[1], reverse=True)
    leaving_out: set[int] = set()
    at = 0
    while at + HEADER.size <= len(data):
        base, size, _, magic, crc, attributes, last, _, _, producer_id, _, _, count = HEADER.unpack_from(
            data, at
        )
        whole = data[at : at + 12 + size]
        if len(whole) < 12 + size:
            break
        if magic != 2 or crc32c(whole[CRC_FROM:]) != crc:
            raise CorruptError(f"a damaged batch at offset {base}")
        while ahead and ahead[-1][1] <= base + last:
            leaving_out.add(ahead.pop()[0])
        if attributes & CONTROL:
            if _is_abort(whole):
                leaving_out.discard(producer_id)
        elif base + last >= position and not (attributes & TRANSACTIONAL and producer_id in leaving_out):
            _add(runs, position, _records(whole, base, attributes, count))
        position = max(position, base + last + 1)
        at += 12 + size
    return runs, position


def _is_abort(batch_: memoryview) -> bool:
    (record,) = records_of(batch_)
    return record.key is not None and record.key[3] == 0


def _records(whole: memoryview, base: int, attributes: int, count: int) -> Sequence[tuple[int, int]]:
    """(offset, record) of a batch."""
    found = None if attributes & CODEC_BITS else _plain(whole, base, count)
    if found is not None:
        return found
    decoded = []
    for record in records_of(whole):
        if record.value is None or len(record.value) < IDENTITY.size:
            raise CorruptError(f"a record that nobody wrote at offset {record.offset}")
        decoded.append((record.offset, IDENTITY.unpack_from(record.value)[0]))
    return decoded


def _plain(whole: memoryview, base: int, count: int) -> list[tuple[int, int]] | None:
    """The same for a batch as `batch` makes it without keys; None if it is another."""
    payload = whole[HEADER.size :]
    if not count or len(payload) % count:
        return None
    stride = len(payload) // count
    sized = 1 if payload[0] < 128 else 2
    if stride < sized + 5 + IDENTITY.size + 1 or payload[sized + 3] != 1:
        return None
    if bytes(payload[sized + 2 :: stride]) != bytes(range(0, 2 * count, 2)):
        return None
    at = sized + 5
    identities = Struct(f">{at}xQ{stride - at - IDENTITY.size}x").iter_unpack(payload)
    return [(base + i, record) for i, (record,) in enumerate(identities)]


def _add(runs: list[Run], position: int, records: Sequence[tuple[int, int]]) -> None:
    """Add what is at `position` or later, joining what follows on."""
    run = runs[-1] if runs else None
    for offset, record in records:
        if offset < position:
            continue
        producer, number = unpacked(record)
        if run and offset == run[0] + run[3] and producer == run[1] and number == run[2] + run[3]:
            run[3] += 1
        else:
            run = [offset, producer, number, 1]
            runs.append(run)
