"""What each topic config does to a produced batch."""

import random

import pytest

from kbroker.config.topic import TopicConfig
from kbroker.protocol.batch import seal
from kbroker.protocol.compression import MAX_DECOMPRESSED, compress
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import (
    BatchHeader,
    Codec,
    Record,
    TimestampType,
    encode_batch,
    has_valid_crc,
    parse_header,
    records_of,
    set_max_timestamp,
)
from kbroker.state.record_validation import RecordsRejectedError, admit

NOW = 1_700_000_000_000


def records(*timestamps: int, key: bytes | None = b"k") -> list[Record]:
    return [
        Record(n, timestamp, key, b"value" * 20) for n, timestamp in enumerate(timestamps or (NOW, NOW + 5))
    ]


def batch(*timestamps: int, codec: Codec = Codec.NONE, key: bytes | None = b"k") -> bytearray:
    return encode_batch(records(*timestamps, key=key), codec=codec)


def store(produced: bytearray, **config: object) -> tuple[memoryview, BatchHeader, int]:
    return admit(memoryview(produced), TopicConfig(**config), NOW)  # type: ignore[arg-type]


def code(produced: bytearray, **config: object) -> ErrorCode:
    with pytest.raises(KafkaError) as caught:
        store(produced, **config)
    return caught.value.code


@pytest.mark.parametrize("codec", list(Codec))
def test_the_hot_path_changes_nothing(codec: Codec) -> None:
    produced = batch(codec=codec)
    before = bytes(produced)
    stored, header, log_append_time = store(produced)
    assert bytes(stored) == before
    assert header == parse_header(before)
    assert log_append_time == -1


def test_the_hot_path_does_not_look_at_the_records() -> None:
    """The one class of errors accepted where Apache Kafka refuses: those that only the records could show."""
    produced = batch()
    produced[70:80] = bytes(10)
    from kbroker.protocol.batch import seal

    seal(produced)
    store(produced)


def test_log_append_time_is_stamped_without_decoding() -> None:
    stored, header, log_append_time = store(batch(1, 2), message_timestamp_type="LogAppendTime")
    assert log_append_time == NOW
    assert header.timestamp_type is TimestampType.LOG_APPEND_TIME
    assert header.max_timestamp == NOW
    assert has_valid_crc(stored)
    assert [record.timestamp for record in records_of(stored)] == [NOW, NOW]


def test_a_producer_may_not_claim_log_append_time() -> None:
    claimed, _, _ = store(batch(), message_timestamp_type="LogAppendTime")
    assert code(bytearray(claimed), message_timestamp_type="LogAppendTime") is ErrorCode.INVALID_TIMESTAMP
    stored, header, _ = store(bytearray(claimed))
    assert header.timestamp_type is TimestampType.CREATE_TIME
    assert has_valid_crc(stored)


def test_max_message_bytes_and_segment_bytes() -> None:
    produced = batch()
    size = len(produced)
    store(produced, max_message_bytes=size, segment_bytes=size)
    assert code(produced, max_message_bytes=size - 1) is ErrorCode.MESSAGE_TOO_LARGE
    assert code(produced, segment_bytes=size - 1) is ErrorCode.RECORD_LIST_TOO_LARGE


@pytest.mark.parametrize(
    ("timestamps", "config", "bad"),
    [
        ((NOW, NOW + 3_600_000), {}, None),
        ((NOW, NOW + 3_600_001), {}, [1]),
        ((NOW, NOW + 11), {"message_timestamp_after_max_ms": 10}, [1]),
        ((NOW - 11, NOW - 5, NOW - 12), {"message_timestamp_before_max_ms": 10}, [0, 2]),
        ((-1, -1), {"message_timestamp_before_max_ms": 10}, None),
        ((0,), {}, None),
    ],
)
def test_timestamps_out_of_bounds_are_named(
    timestamps: tuple[int, ...], config: dict[str, int], bad: list[int] | None
) -> None:
    produced = batch(*timestamps)
    if bad is None:
        store(produced, **config)
        return
    with pytest.raises(RecordsRejectedError) as caught:
        store(produced, **config)
    assert caught.value.code is ErrorCode.INVALID_TIMESTAMP
    assert [index for index, _ in caught.value.records] == bad


def test_bounds_do_not_matter_under_log_append_time() -> None:
    store(batch(NOW + 10**9), message_timestamp_type="LogAppendTime")


def test_a_header_that_lies_out_of_bounds_is_corrected() -> None:
    produced = batch()
    set_max_timestamp(produced, NOW + 10**9)
    stored, header, _ = store(produced)
    assert header.max_timestamp == NOW + 5
    assert has_valid_crc(stored)


@pytest.mark.parametrize("base", [2**63 - 1, -(2**63)])
def test_timestamps_beyond_64_bits_wrap_around_as_in_java(base: int) -> None:
    """Records count from the header's timestamp; what they come to must be written down again."""
    apart = [Record(0, 5, b"k", b"v"), Record(1, -5, b"k", b"w"), Record(2, 2**63 - 1, b"k", b"x")]
    produced = encode_batch(apart, delete_horizon_ms=0)  # its timestamps count from 0
    produced[22] &= ~0x40
    produced[27:35] = base.to_bytes(8, "big", signed=True)
    seal(produced)
    stored, header, _ = store(produced, compression_type="gzip", message_timestamp_type="LogAppendTime")
    assert header.record_count == 3
    assert [record.key for record in records_of(stored)] == [b"k"] * 3
    assert has_valid_crc(stored)


@pytest.mark.parametrize("wanted", ["uncompressed", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("sent", list(Codec))
def test_compression_type_recompresses_what_was_sent_otherwise(wanted: str, sent: Codec) -> None:
    produced = encode_batch(records(), codec=sent, producer_id=7, producer_epoch=1, base_sequence=3)
    before = bytes(produced)
    stored, header, _ = store(produced, compression_type=wanted)
    assert header.codec == {"uncompressed": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}[wanted]
    assert has_valid_crc(stored)
    assert list(records_of(stored)) == list(records_of(before))
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (7, 1, 3)
    if header.codec == sent:
        assert bytes(stored) == before


def test_recompression_keeps_log_append_time() -> None:
    stored, _, _ = store(batch(1, 2), compression_type="gzip", message_timestamp_type="LogAppendTime")
    assert [record.timestamp for record in records_of(stored)] == [NOW, NOW]


@pytest.mark.parametrize(("codec", "low", "high"), [("gzip", 1, 9), ("lz4", 9, 12), ("zstd", 1, 19)])
def test_a_compression_level_has_its_effect(codec: str, low: int, high: int) -> None:
    """Level 9 of lz4, its default, is the fast algorithm, as in Apache Kafka."""

    def size(level: int) -> int:
        words = random.Random(1)
        text = [Record(0, NOW, b"k", b" ".join(b"%d" % words.randrange(2000) for _ in range(9000)))]
        levels = {f"compression_{codec}_level": level}
        return len(store(encode_batch(text), compression_type=codec, **levels)[0])

    assert size(high) < size(low)


def test_a_compacted_topic_refuses_records_without_a_key() -> None:
    compact = frozenset({"compact"})
    store(batch(), cleanup_policy=compact)
    with pytest.raises(RecordsRejectedError) as caught:
        store(batch(key=None), cleanup_policy=compact)
    assert caught.value.code is ErrorCode.INVALID_RECORD
    assert [index for index, _ in caught.value.records] == [0, 1]


def test_records_that_do_not_parse_are_refused_where_they_must_be_read() -> None:
    from kbroker.protocol.batch import seal

    produced = batch()
    produced[61:] = bytes(len(produced) - 61)
    seal(produced)
    assert code(produced, compression_type="gzip") is ErrorCode.INVALID_RECORD


def test_damage_has_the_code_that_apache_kafka_gives() -> None:
    for codec in Codec:
        payload = b"\xff" * 30
        produced = sealed(batch(codec=codec), payload)
        assert code(produced, compression_type="gzip") is ErrorCode.UNKNOWN_SERVER_ERROR
        assert code(produced, cleanup_policy=frozenset({"compact"})) is ErrorCode.UNKNOWN_SERVER_ERROR
    whole = batch()
    assert code(sealed(whole, bytes(whole[61:-9])), compression_type="gzip") is ErrorCode.INVALID_RECORD


def sealed(produced: bytearray, payload: bytes) -> bytearray:
    """The batch with other bytes for records."""
    out = produced[:61] + payload
    out[8:12] = (len(out) - 12).to_bytes(4, "big")
    seal(out)
    return out


def test_a_batch_that_grows_over_the_limit_when_it_is_unpacked_is_refused() -> None:
    produced = encode_batch([Record(0, NOW, b"k", bytes(3000))], codec=Codec.GZIP)
    assert store(produced, max_message_bytes=500)
    assert (
        code(produced, max_message_bytes=500, compression_type="uncompressed") is ErrorCode.MESSAGE_TOO_LARGE
    )


def test_records_amid_a_batch_are_looked_at_where_there_is_a_bound_on_their_age() -> None:
    produced = batch(NOW, NOW - 5000, NOW)
    assert store(bytearray(produced))
    with pytest.raises(RecordsRejectedError) as caught:
        store(produced, message_timestamp_before_max_ms=1000)
    assert [index for index, _ in caught.value.records] == [1]


def test_offset_deltas_are_put_in_order_where_records_are_compressed_anew() -> None:
    loose = [Record(offset, NOW + offset, b"k", b"v" * 20) for offset in (0, 5, 9)]
    produced = encode_batch(loose, last_offset=2)
    stored, _, _ = store(produced, compression_type="zstd")
    assert [(each.offset, each.timestamp) for each in records_of(stored)] == [
        (0, NOW),
        (1, NOW + 5),
        (2, NOW + 9),
    ]
    produced = encode_batch(loose, last_offset=2, codec=Codec.ZSTD)
    assert code(bytearray(produced), compression_type="zstd") is ErrorCode.UNKNOWN_SERVER_ERROR
    stored, _, _ = store(produced, compression_type="zstd", cleanup_policy=frozenset({"compact"}))
    assert [each.offset for each in records_of(stored)] == [0, 1, 2]


def test_a_batch_that_unpacks_to_very_much_is_refused() -> None:
    produced = sealed(batch(codec=Codec.GZIP), bytes(compress(Codec.GZIP, bytes(MAX_DECOMPRESSED + 1))))
    assert code(produced, compression_type="zstd") is ErrorCode.UNKNOWN_SERVER_ERROR
