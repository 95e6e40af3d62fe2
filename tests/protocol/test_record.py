import gzip
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from kbroker.protocol.batch import Codec, TimestampType, has_valid_crc, iter_batches, parse_header, seal
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.record import Record, encode_batch, read_varint, records_of, varint

NOW = 1_700_000_000_000
RECORDS = [
    Record(10, NOW, b"key", b"value"),
    Record(11, NOW - 5, None, None, [("h", b"1"), ("h", None), ("", b"")]),
    Record(13, NOW + 100_000_000, b"", b"x" * 300, [("bad \udcff", b"2")]),
]


@pytest.mark.parametrize("codec", Codec)
def test_records_come_back_from_every_codec(codec: Codec) -> None:
    batch = encode_batch(RECORDS, codec=codec)
    assert has_valid_crc(batch)
    assert parse_header(batch).codec == codec
    assert list(records_of(batch)) == RECORDS


def test_log_append_time_is_that_of_the_header() -> None:
    batch = encode_batch(RECORDS, timestamp_type=TimestampType.LOG_APPEND_TIME)
    assert {record.timestamp for record in records_of(batch)} == {NOW + 100_000_000}


def test_timestamps_wrap_around_as_in_java() -> None:
    first, last = -(2**63), 2**63 - 1
    apart = [Record(0, first, b"k", b"v"), Record(1, last, b"k", b"w"), Record(2, 0, b"k", b"x")]
    assert [record.timestamp for record in records_of(encode_batch(apart))] == [first, last, 0]
    beyond = encode_batch([Record(0, last - 1), Record(1, last)])
    beyond[27:35] = last.to_bytes(8, "big")  # the base timestamp
    assert [record.timestamp for record in records_of(beyond)] == [last, first]


def test_a_batch_may_be_wider_than_its_records() -> None:
    """What compaction leaves keeps the offsets, and even an empty batch keeps its producer's state."""
    header = parse_header(encode_batch([RECORDS[1]], base_offset=10, last_offset=13))
    assert (header.base_offset, header.last_offset, header.record_count) == (10, 13, 1)
    empty = encode_batch([], base_offset=10, last_offset=13, producer_id=4, producer_epoch=0, base_sequence=7)
    assert parse_header(empty).last_offset == 13
    assert list(records_of(empty)) == []


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP])
def test_kafka_python_reads_what_is_written(codec: Codec) -> None:
    batch = encode_batch(RECORDS[:2], codec=codec, producer_id=5, producer_epoch=1, base_sequence=3)
    theirs = DefaultRecordBatch(bytes(batch))
    assert theirs.validate_crc()
    assert (theirs.producer_id, theirs.producer_epoch, theirs.base_sequence) == (5, 1, 3)
    assert [(r.offset, r.timestamp, r.key, r.value, r.headers) for r in theirs] == [
        (r.offset, r.timestamp, r.key, r.value, r.headers) for r in RECORDS[:2]
    ]


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP])
def test_what_kafka_python_writes_is_read(codec: Codec) -> None:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=False, producer_id=-1, producer_epoch=-1,
        base_sequence=-1, batch_size=9999,
    )  # fmt: skip
    builder.append(0, NOW, b"k", b"v", [("h", b"1")])
    builder.append(1, NOW + 1, None, b"w" * 200, [])
    assert list(records_of(bytes(builder.build()))) == [
        Record(0, NOW, b"k", b"v", [("h", b"1")]),
        Record(1, NOW + 1, None, b"w" * 200),
    ]


# The same two records in each codec, as the Java client of Apache Kafka 4.3.1 writes them.
BY_JAVA = {
    Codec.NONE: """
        000000000000000000000055ffffffff027b19a2ab0000000000010000018bcfe568000000018bcfe568070000000000000009000100
        0000050000000238000000026b2268656c6c6f2068656c6c6f2068656c6c6f02026802310c000e02010100""",
    Codec.GZIP: """
        00000000000000000000005fffffffff0251dd2cf30001000000010000018bcfe568000000018bcfe568070000000000000009000100
        000005000000021f8b08000000000000ffb360606060ca56ca48cdc9c9574022999832980c7918f89818191900d4cfd1b524000000""",
    Codec.SNAPPY: """
        000000000000000000000063ffffffff0269217c910002000000010000018bcfe568000000018bcfe568070000000000000009000100
        0000050000000282534e415050590000000001000000010000001e243038000000026b2268656c6c6f201d062c02026802310c000e02
        010100""",
    Codec.LZ4: """
        00000000000000000000005dffffffff02c36706830003000000010000018bcfe568000000018bcfe568070000000000000009000100
        0000050000000204224d186040821d000000d738000000026b2268656c6c6f200600c002026802310c000e0201010000000000""",
    Codec.ZSTD: """
        00000000000000000000005cffffffff027b6e8b880004000000010000018bcfe568000000018bcfe568070000000000000009000100
        0000050000000228b52ffd0058fc0000c838000000026b2268656c6c6f2002026802310c000e02010100010031ca17010000""",
}


@pytest.mark.parametrize("codec", BY_JAVA)
def test_what_java_writes_is_read(codec: Codec) -> None:
    batch = bytes.fromhex(BY_JAVA[codec])
    header = parse_header(batch)
    assert has_valid_crc(batch)
    assert (header.codec, header.producer_id, header.producer_epoch, header.base_sequence) == (codec, 9, 1, 5)
    assert list(records_of(batch)) == [
        Record(0, NOW, b"k", b"hello hello hello", [("h", b"1")]),
        Record(1, NOW + 7),
    ]


def test_what_is_written_is_what_java_writes() -> None:
    records = list(records_of(bytes.fromhex(BY_JAVA[Codec.NONE])))
    batch = encode_batch(records, producer_id=9, producer_epoch=1, base_sequence=5)
    assert batch.hex() == "".join(BY_JAVA[Codec.NONE].split())


def damaged(payload: bytes, count: int = 1) -> bytearray:
    """A batch that holds `payload` as its records."""
    batch = encode_batch([Record(0, NOW)])[:61] + payload
    batch[8:12] = (len(batch) - 12).to_bytes(4, "big")
    batch[57:61] = count.to_bytes(4, "big")
    seal(batch)
    return batch


GOOD = bytes(encode_batch([Record(0, NOW, b"k", b"v", [("h", b"1")])])[61:])


@pytest.mark.parametrize(
    ("payload", "count"),
    [
        (GOOD, 2),
        (GOOD + b"x", 1),
        (GOOD[:-1], 1),
        (b"", 1),
        (b"\xff" * 10, 1),
        (b"\x00", 1),
        (b"\x01" + GOOD[1:], 1),
        (varint(GOOD[0] // 2 + 1) + GOOD[1:] + b"\0", 1),
        (b"\x0c\0\0\0\x03\x01\x01\0", 1),
        (b"\x0c\0\0\0\x01\x01\x01", 1),
        (b"\x0c\0\0\0\x01\x01\x02\x01\x00", 1),
        (b"\x0c\0\0\0\x01\x7e\0", 1),
    ],
)
def test_records_that_do_not_parse(payload: bytes, count: int) -> None:
    with pytest.raises(ProtocolError):
        list(records_of(damaged(payload, count)))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(payload=st.binary(max_size=60), count=st.integers(0, 1 << 30), codec=st.sampled_from(list(Codec)))
def test_whatever_the_bytes_only_protocol_errors(payload: bytes, count: int, codec: Codec) -> None:
    batch = damaged(payload, count)
    batch[22] = codec
    with suppress(ProtocolError):
        list(records_of(batch))


def test_no_whole_batch() -> None:
    batch = encode_batch(RECORDS)
    for wrong in (batch[:-1], batch[:30], batch[:16] + b"\x01" + batch[17:]):
        with pytest.raises(ProtocolError):
            list(records_of(wrong))


def test_records_are_decoded_lazily() -> None:
    walk = records_of(damaged(GOOD + b"\xff\xff", 2))
    assert next(walk).value == b"v"
    with pytest.raises(ProtocolError):
        next(walk)


def test_a_bomb_is_stopped() -> None:
    batch = damaged(gzip.compress(bytes(1 << 20)))
    batch[22] = Codec.GZIP
    with pytest.raises(ProtocolError, match="more than 65536 bytes"):
        list(records_of(batch, 1 << 16))


@pytest.mark.parametrize("value", [0, -1, 1, 63, -64, 64, 300, -(1 << 31), (1 << 31) - 1])
def test_varint(value: int) -> None:
    encoded = varint(value)
    assert read_varint(b"x" + encoded, 1) == (value, 1 + len(encoded))


@pytest.mark.parametrize("value", [-(1 << 63), (1 << 63) - 1, 1 << 31])
def test_varlong(value: int) -> None:
    encoded = varint(value)
    assert read_varint(encoded, 0, 64) == (value, len(encoded))
    with pytest.raises(ProtocolError):
        read_varint(encoded, 0)


@pytest.mark.parametrize(("encoded", "bits"), [(b"\x80" * 5 + b"\0", 32), (b"\xff" * 9 + b"\x02", 64)])
def test_overlong_varints(encoded: bytes, bits: int) -> None:
    with pytest.raises(ProtocolError):
        read_varint(encoded, 0, bits)


def test_batches_in_a_row() -> None:
    stored = encode_batch(RECORDS) + encode_batch([Record(14, NOW)])
    assert [record.offset for _, batch in iter_batches(stored) for record in records_of(batch)] == [
        10,
        11,
        13,
        14,
    ]


def test_a_codec_nobody_knows_is_malformed() -> None:
    batch = damaged(GOOD)
    batch[22] = 5
    with pytest.raises(ProtocolError):
        list(records_of(batch))
    assert not issubclass(KafkaError, ProtocolError)
