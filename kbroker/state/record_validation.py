"""What a topic's configs ask of a produced batch, and what they do to it.

The hot path (delete policy, compression.type producer, no bound on how old a record may be) looks at the batch
header alone, so it accepts what Apache Kafka refuses where only the records inside could tell:
- records that don't parse, or are fewer or more than the header's count
- a record's own timestamp out of bounds in a batch whose first and largest are not
- a max timestamp that is lower than a record's (Apache rewrites the header)
Everywhere else the records are decoded and all is checked.
"""

from typing import Final

from attrs import evolve, frozen

from kbroker.config.topic import LONG_MAX, TopicConfig
from kbroker.protocol.batch import pack_header, seal, set_create_time
from kbroker.protocol.compression import compress, decompress
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, LongVarintError, ProtocolError
from kbroker.protocol.record import encode_record, read_records
from kbroker.protocol.records import (
    HEADER_SIZE,
    LENGTH_OVERHEAD,
    NO_TIMESTAMP,
    BatchHeader,
    Codec,
    check_produced,
    parse_header,
    set_log_append_time,
    set_max_timestamp,
)
from kbroker.protocol.schema import Buffer

LOG_APPEND_TIME: Final = "LogAppendTime"
PRODUCER: Final = "producer"
_LOG_APPEND_TIME_BIT: Final = 0x08
_TRANSACTIONAL: Final = 0x10
_MOST_NAMED: Final = 100_000  # records that an answer names
_REJECTED: Final = {
    ErrorCode.INVALID_RECORD: "One or more records have been rejected for want of a key",
    ErrorCode.INVALID_TIMESTAMP: "One or more records have been rejected due to invalid timestamp",
}
_CODECS: Final = {
    "uncompressed": Codec.NONE,
    "gzip": Codec.GZIP,
    "snappy": Codec.SNAPPY,
    "lz4": Codec.LZ4,
    "zstd": Codec.ZSTD,
}


class RecordsRejectedError(KafkaError):
    """A batch refused because of some of its records: (index in the batch, message) each (KIP-467)."""

    def __init__(self, code: ErrorCode, message: str, records: list[tuple[int, str]]) -> None:
        super().__init__(code, message)
        self.records = records


def admit(
    records: Buffer | None, config: TopicConfig, now_ms: int, *, zstd: bool = True
) -> tuple[memoryview, BatchHeader, int]:
    """Check what a client produces to one partition, and make of it what the topic stores.

    Returns the batch (changed in place, or a new one), its header, and the log append time (ms) or -1. `zstd`: see
    `check_produced`. Raises KafkaError, with the code that Apache Kafka gives.
    """
    header = check_produced(records, config.max_message_bytes, zstd=zstd)
    size = header.batch_length + LENGTH_OVERHEAD
    if size > config.segment_bytes:
        raise KafkaError(
            ErrorCode.RECORD_LIST_TOO_LARGE,
            f"The record batch has {size} bytes, over segment.bytes {config.segment_bytes}",
        )
    batch = memoryview(records)[:size]  # type: ignore[arg-type]  # check_produced refuses None
    stamped = config.message_timestamp_type == LOG_APPEND_TIME
    if (
        config.compression_type != PRODUCER
        or "compact" in config.cleanup_policy
        or not (stamped or _timestamps_within(header, config, now_ms))
    ):
        batch = _looked_through(batch, header, config, None if stamped else now_ms)
        header = parse_header(batch)
    if stamped or header.attributes & _LOG_APPEND_TIME_BIT:
        return _stamp(batch, header, now_ms if stamped else NO_TIMESTAMP)
    return batch, header, NO_TIMESTAMP


def _looked_through(
    batch: memoryview, header: BatchHeader, config: TopicConfig, now_ms: int | None
) -> memoryview:
    """Check each record, and what they say of the largest timestamp; compress them anew if need be.

    Timestamps count where there is a `now_ms`. Raises KafkaError.
    """
    plain = _unpacked(batch, header)
    compacted = "compact" in config.cleanup_policy
    survey = _survey(plain, header, config, now_ms)
    codec = _CODECS.get(config.compression_type, Codec(header.codec))
    if codec == header.codec and (survey.in_order or codec is Codec.NONE):
        if now_ms is not None and survey.max_timestamp != header.max_timestamp:
            set_max_timestamp(batch, survey.max_timestamp)
        return batch
    if codec == header.codec and not compacted:
        # Apache Kafka has not read keys and values then, and trips over it.
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, "the offset deltas of the records have gaps")
    if not survey.in_order or survey.first_timestamp != header.base_timestamp:
        plain = _numbered(plain, header, survey.first_timestamp)
    packed = memoryview(_packed(plain, header, survey, codec, config))
    if len(packed) > config.max_message_bytes:
        raise KafkaError(
            ErrorCode.MESSAGE_TOO_LARGE,
            f"Compressed as its topic asks for, the batch has {len(packed)} bytes, over {config.max_message_bytes}",
        )
    return packed


@frozen
class _Survey:
    """What the records of a batch say: `in_order` if their offset deltas are 0, 1, 2, ..."""

    first_timestamp: int
    max_timestamp: int
    in_order: bool


def _unpacked(batch: memoryview, header: BatchHeader) -> Buffer:
    try:
        return decompress(header.codec, batch[HEADER_SIZE:])
    except ProtocolError as error:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"The records can't be unpacked: {error}") from error


def _survey(plain: Buffer, header: BatchHeader, config: TopicConfig, now_ms: int | None) -> _Survey:
    """Read all records, one after the other, for a small batch may unpack to many. Raises KafkaError."""
    keyed = "compact" in config.cleanup_policy
    rejected: list[tuple[int, str]] = []
    code = ErrorCode.INVALID_RECORD
    first = largest = NO_TIMESTAMP
    in_order = True
    try:
        for index, record in enumerate(read_records(plain, header)):
            timestamp = record.timestamp
            if keyed and record.key is None:
                problem = "A compacted topic takes no record without a key"
            elif now_ms is not None and not _within(timestamp, config, now_ms):
                problem = f"Timestamp {timestamp} of the record is out of range at {now_ms}"
                code = ErrorCode.INVALID_TIMESTAMP
            else:
                problem = ""
            if problem and len(rejected) < _MOST_NAMED:
                rejected.append((index, problem))
            first = timestamp if not index else first
            largest = max(largest, timestamp)
            in_order = in_order and record.offset - header.base_offset == index
    except LongVarintError as error:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"The records can't be read: {error}") from error
    except ProtocolError as error:
        raise KafkaError(ErrorCode.INVALID_RECORD, f"The records can't be read: {error}") from error
    if rejected:
        raise RecordsRejectedError(code, _REJECTED[code], rejected)
    return _Survey(first, largest, in_order)


def _numbered(plain: Buffer, header: BatchHeader, base_timestamp: int) -> bytearray:
    """The records with offset deltas 0, 1, 2, ... and timestamps that count from the first one's."""
    out = bytearray()
    for index, record in enumerate(read_records(plain, header)):
        record.offset = index
        out += encode_record(record, 0, base_timestamp)
    return out


def _packed(
    plain: Buffer, header: BatchHeader, survey: _Survey, codec: Codec, config: TopicConfig
) -> bytearray:
    """The batch with its records in another codec."""
    levels = {
        Codec.GZIP: config.compression_gzip_level,
        Codec.LZ4: config.compression_lz4_level,
        Codec.ZSTD: config.compression_zstd_level,
    }
    payload = compress(codec, plain, levels.get(codec))
    packed = bytearray(
        pack_header(
            evolve(
                header,
                base_offset=0,
                batch_length=HEADER_SIZE - LENGTH_OVERHEAD + len(payload),
                attributes=codec | header.attributes & _TRANSACTIONAL,
                base_timestamp=survey.first_timestamp,
                max_timestamp=survey.max_timestamp,
            )
        )
    )
    packed += payload
    seal(packed)
    return packed


def _stamp(
    batch: memoryview, header: BatchHeader, log_append_time_ms: int
) -> tuple[memoryview, BatchHeader, int]:
    """Set the time of appending, or take back that the batch claims to have one."""
    claims = header.attributes & _LOG_APPEND_TIME_BIT
    if log_append_time_ms != NO_TIMESTAMP:
        if claims:
            raise KafkaError(ErrorCode.INVALID_TIMESTAMP, "A producer may not set the log append time")
        set_log_append_time(batch, log_append_time_ms)
    else:
        set_create_time(batch)
    return batch, parse_header(batch), log_append_time_ms


def _timestamps_within(header: BatchHeader, config: TopicConfig, now_ms: int) -> bool:
    """Whether the header alone shows that no record is out of bounds: none is later than the largest."""
    if config.message_timestamp_before_max_ms < LONG_MAX:
        return False
    if 0 <= header.base_timestamp <= header.max_timestamp <= now_ms:  # most are
        return True
    return _within(header.max_timestamp, config, now_ms) and _within(header.base_timestamp, config, now_ms)


def _within(timestamp: int, config: TopicConfig, now_ms: int) -> bool:
    if timestamp == NO_TIMESTAMP:
        return True
    if timestamp > now_ms:
        return timestamp - now_ms <= config.message_timestamp_after_max_ms
    return now_ms - timestamp <= config.message_timestamp_before_max_ms
