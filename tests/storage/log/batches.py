"""Record batches for storage tests, made here so that these tests do not lean on the codec they sit on."""

from struct import pack

from attrs import define
from crc32c import crc32c


@define
class Header:
    """The fields of a batch header that an append looks at."""

    last_offset_delta: int
    attributes: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int


def varint(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def record(delta: int, timestamp_delta: int, value: bytes, key: bytes | None = None) -> bytes:
    body = b"\0" + varint(timestamp_delta) + varint(delta)
    body += varint(-1) if key is None else varint(len(key)) + key
    body += varint(len(value)) + value + varint(0)
    return varint(len(body)) + body


def batch(
    values: list[bytes] | int = 1,
    *,
    timestamps: list[int] | None = None,
    producer: tuple[int, int, int] = (-1, -1, -1),
    attributes: int = 0,
    records: bytes | None = None,
    size: int = 0,
) -> bytes:
    """A batch at base offset 0. `values` may be a count; `size` pads the last value until the batch has that size."""
    if isinstance(values, int):
        values = [b"v%d" % number for number in range(values)]
    timestamps = timestamps or [1000] * len(values)
    producer_id, epoch, sequence = producer
    if records is None:
        records = b"".join(
            record(number, timestamps[number] - timestamps[0], value) for number, value in enumerate(values)
        )
    if size > 61 + len(records):
        return batch(
            [*values[:-1], values[-1] + bytes(size - 61 - len(records) - 2)],
            timestamps=timestamps,
            producer=producer,
            attributes=attributes,
        )
    body = pack(
        ">hiqqqhii",
        attributes,
        len(values) - 1,
        timestamps[0],
        max(timestamps),
        producer_id,
        epoch,
        sequence,
        len(values),
    )
    body += records
    return pack(">qiibI", 0, len(body) + 9, -1, 2, crc32c(body)) + body
