import random

import pytest

from kbroker.protocol.batch import (
    BatchHeader,
    Codec,
    TimestampType,
    check_framing,
    check_produced,
    has_valid_crc,
    is_plain_v2,
    iter_batches,
    pack_header,
    parse_header,
    seal,
    set_log_append_time,
    set_max_timestamp,
    set_offset_and_epoch,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.record import Record, encode_batch

NOW = 1_700_000_000_000


def batch_of(count: int = 2, **header: object) -> bytearray:
    """A batch, and what a producer that lies would write into its header, with a CRC that holds."""
    batch = encode_batch([Record(n, NOW + n, b"k", b"value") for n in range(count)])
    if header:
        fields = parse_header(batch)
        for name, value in header.items():
            setattr(fields, name, value)
        batch[:61] = pack_header(fields)
        if "crc" not in header:
            seal(batch)
    return batch


def test_header_fields() -> None:
    batch = encode_batch(
        [Record(5, NOW), Record(7, NOW + 9)],
        leader_epoch=3,
        codec=Codec.GZIP,
        producer_id=11,
        producer_epoch=2,
        base_sequence=0x7FFFFFFF,
        transactional=True,
    )
    header = parse_header(b"xx" + batch, 2)
    assert header == BatchHeader(
        5, len(batch) - 12, 3, 2, header.crc, 0x11, 2, NOW, NOW + 9, 11, 2, 0x7FFFFFFF, 2
    )  # fmt: skip
    assert header.size_in_bytes == len(batch)
    assert header.last_offset == 7
    assert header.last_sequence == 1
    assert header.codec == Codec.GZIP
    assert header.timestamp_type is TimestampType.CREATE_TIME
    assert header.is_transactional
    assert not header.is_control
    assert header.has_producer_id


def test_a_batch_without_sequence_has_no_last_sequence() -> None:
    assert parse_header(batch_of()).last_sequence == -1


def test_a_header_cut_short_is_malformed() -> None:
    with pytest.raises(ProtocolError):
        parse_header(batch_of()[:60])
    with pytest.raises(ProtocolError):
        parse_header(batch_of(), len(batch_of()) - 60)


def test_a_good_batch_is_accepted() -> None:
    batch = batch_of(3)
    assert check_produced(memoryview(batch)) == parse_header(batch)


@pytest.mark.parametrize("after", [b"abc", bytes(batch_of())[:40], bytes(batch_of())[:-1]])
def test_less_than_a_second_batch_is_ignored(after: bytes) -> None:
    batch = batch_of()
    assert check_produced(bytes(batch) + after).size_in_bytes == len(batch)


@pytest.mark.parametrize("attributes", [0x08, 0x10, 0x40, 0x80, 0x4100])
def test_attributes_that_are_none_of_the_check_s_business(attributes: int) -> None:
    """Log append time, transactional and unknown bits; whether a transaction may be is for the handler."""
    assert check_produced(batch_of(attributes=attributes)).attributes == attributes


GOOD = bytes(batch_of())
INVALID, CORRUPT, UNKNOWN = (
    ErrorCode.INVALID_RECORD,
    ErrorCode.CORRUPT_MESSAGE,
    ErrorCode.UNKNOWN_SERVER_ERROR,
)


@pytest.mark.parametrize(
    ("records", "code"),
    [
        pytest.param(None, INVALID, id="null"),
        pytest.param(b"", INVALID, id="empty"),
        pytest.param(GOOD[:10], INVALID, id="cut inside the first 17 bytes"),
        pytest.param(GOOD[:17], INVALID, id="cut after the magic"),
        pytest.param(GOOD[:-1], INVALID, id="cut"),
        pytest.param(GOOD + GOOD, INVALID, id="two batches"),
        pytest.param(GOOD + bytes(20), CORRUPT, id="zeros after the batch"),
        pytest.param(GOOD + b"\xff" * 20, CORRUPT, id="garbage after the batch"),
        pytest.param(batch_of(magic=0), INVALID, id="magic 0"),
        pytest.param(batch_of(magic=1), INVALID, id="magic 1"),
        pytest.param(batch_of(magic=3), CORRUPT, id="magic 3"),
        pytest.param(batch_of(magic=-1), CORRUPT, id="magic -1"),
        pytest.param(batch_of(batch_length=-1), CORRUPT, id="length -1"),
        pytest.param(batch_of(batch_length=13), CORRUPT, id="length 13"),
        pytest.param(batch_of(batch_length=48), CORRUPT, id="length below that of an empty batch"),
        pytest.param(batch_of(batch_length=49), CORRUPT, id="length of an empty batch"),
        pytest.param(batch_of(batch_length=len(GOOD) - 11), INVALID, id="length beyond the bytes"),
        pytest.param(batch_of(batch_length=0x7FFFFFFF), UNKNOWN, id="length that overflows"),
        pytest.param(batch_of(base_offset=5), INVALID, id="base offset 5"),
        pytest.param(batch_of(base_offset=5, crc=1), INVALID, id="base offset 5 and a wrong CRC"),
        pytest.param(batch_of(crc=1), CORRUPT, id="wrong CRC"),
        pytest.param(batch_of(record_count=3), INVALID, id="record count that lies"),
        pytest.param(batch_of(last_offset_delta=3), INVALID, id="last offset delta that lies"),
        pytest.param(batch_of(record_count=0, last_offset_delta=-1), INVALID, id="no records"),
        pytest.param(batch_of(record_count=-1), INVALID, id="record count -1"),
        pytest.param(batch_of(attributes=5), UNKNOWN, id="codec 5"),
        pytest.param(batch_of(attributes=6, crc=1), CORRUPT, id="codec 6 and a wrong CRC"),
        pytest.param(
            batch_of(attributes=7, record_count=3), UNKNOWN, id="codec 7 and a record count that lies"
        ),
        pytest.param(batch_of(attributes=0x20), INVALID, id="control batch"),
        pytest.param(batch_of(producer_id=7, producer_epoch=0), INVALID, id="producer id without a sequence"),
    ],
)
def test_refused_with_the_code_of_apache_kafka(records: bytes | None, code: ErrorCode) -> None:
    """What Apache Kafka 4.3.1 answered to the same bytes, but for null, to which it gives no answer."""
    with pytest.raises(KafkaError) as refusal:
        check_produced(records)
    assert refusal.value.code is code


def test_a_producer_id_without_epoch_is_accepted() -> None:
    """Apache Kafka looks at the sequence only."""
    assert check_produced(batch_of(producer_id=7, producer_epoch=-1, base_sequence=0)).producer_epoch == -1


def test_size_is_checked_after_the_base_offset_and_before_the_crc() -> None:
    assert check_produced(GOOD, len(GOOD)).size_in_bytes == len(GOOD)
    for records, code in (
        (batch_of(crc=1), ErrorCode.MESSAGE_TOO_LARGE),
        (batch_of(base_offset=1), ErrorCode.INVALID_RECORD),
    ):
        with pytest.raises(KafkaError) as refusal:
            check_produced(records, len(GOOD) - 1)
        assert refusal.value.code is code


def test_zstd_is_refused_where_the_request_is_too_old_for_it() -> None:
    with pytest.raises(KafkaError) as refusal:
        check_produced(batch_of(attributes=Codec.ZSTD, crc=1), zstd=False)
    assert refusal.value.code is ErrorCode.UNSUPPORTED_COMPRESSION_TYPE


@pytest.mark.parametrize(
    ("records", "plain"),
    [
        (batch_of(), True),
        (batch_of(attributes=0x03), True),
        (batch_of(attributes=0x10), False),
        (batch_of(attributes=0x13), False),
        (batch_of(magic=1), False),
        (batch_of(batch_length=13), False),
        (batch_of()[:60], False),
    ],
)
def test_a_batch_in_no_transaction_is_known_by_one_bit(records: bytes, plain: bool) -> None:
    assert is_plain_v2(records) is plain


def test_framing_alone_does_not_look_at_the_crc() -> None:
    assert check_framing(batch_of(crc=1)).crc == 1


def test_any_single_damaged_byte_is_noticed_or_harmless() -> None:
    """Of what lies outside the CRC only the leader epoch may be anything."""
    rng = random.Random(1)
    for place in range(len(GOOD)):
        damaged = bytearray(GOOD)
        damaged[place] ^= rng.randrange(1, 256)
        if 12 <= place < 16:
            check_produced(damaged)
        else:
            with pytest.raises(KafkaError):
                check_produced(damaged)


def test_offset_and_epoch_are_set_in_place_without_touching_the_crc() -> None:
    batch = batch_of()
    set_offset_and_epoch(memoryview(batch), 1 << 40, 9)
    header = parse_header(batch)
    assert (header.base_offset, header.partition_leader_epoch) == (1 << 40, 9)
    assert has_valid_crc(batch)


def test_log_append_time_is_set_in_place_with_its_crc() -> None:
    batch = batch_of()
    set_log_append_time(memoryview(batch), NOW + 99)
    header = parse_header(batch)
    assert header.timestamp_type is TimestampType.LOG_APPEND_TIME
    assert (header.base_timestamp, header.max_timestamp) == (NOW, NOW + 99)
    assert has_valid_crc(batch)


def test_max_timestamp_is_set_in_place_with_its_crc() -> None:
    batch = batch_of()
    set_max_timestamp(batch, NOW + 5)
    assert parse_header(batch).max_timestamp == NOW + 5
    assert has_valid_crc(batch)


def test_stored_batches_are_walked_up_to_one_that_is_cut() -> None:
    stored = bytes(batch_of(1) + batch_of(2) + batch_of(3)[:-1])
    assert [(header.record_count, len(view)) for header, view in iter_batches(stored)] == [
        (1, len(batch_of(1))),
        (2, len(batch_of(2))),
    ]
    assert list(iter_batches(b"")) == []


@pytest.mark.parametrize("wrong", [{"magic": 1}, {"batch_length": 48}, {"batch_length": -12}])
def test_what_is_no_batch_stops_the_walk(wrong: dict[str, int]) -> None:
    walk = iter_batches(bytes(batch_of() + batch_of(**wrong)))
    next(walk)
    with pytest.raises(ProtocolError):
        next(walk)
