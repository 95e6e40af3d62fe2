"""What a topic's configs ask of a produced batch, and what they do to it.

The hot path (delete policy, CreateTime, compression.type producer or the batch's own codec) looks at the batch
header alone, so it accepts what Apache Kafka refuses where only the records inside could tell:
- records that don't parse, or are fewer or more than the header's count
- a record's own timestamp out of bounds in a batch whose first and largest are not
- a max timestamp that is lower than a record's (Apache rewrites the header)
Everywhere else the records are decoded and all is checked.
"""

from typing import Final

from kbroker.config.topic import TopicConfig
from kbroker.protocol.batch import set_create_time
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.records import (
    NO_TIMESTAMP,
    BatchHeader,
    Codec,
    Record,
    TimestampType,
    check_produced,
    encode_batch,
    parse_header,
    records_of,
    set_log_append_time,
    set_max_timestamp,
)
from kbroker.protocol.schema import Buffer

LOG_APPEND_TIME: Final = "LogAppendTime"
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
    if header.size_in_bytes > config.segment_bytes:
        raise KafkaError(
            ErrorCode.RECORD_LIST_TOO_LARGE,
            f"The record batch has {header.size_in_bytes} bytes, over segment.bytes {config.segment_bytes}",
        )
    batch = memoryview(records)[: header.size_in_bytes]  # type: ignore[arg-type]  # check_produced refuses None
    stamped = config.message_timestamp_type == LOG_APPEND_TIME
    codec = _CODECS.get(config.compression_type, Codec(header.codec))
    must_decode = (
        codec != header.codec
        or "compact" in config.cleanup_policy
        or not (stamped or _timestamps_within(header, config, now_ms))
    )
    if must_decode:
        decoded = _decode(batch)
        _check_keys(decoded, config)
        if not stamped:
            _check_timestamps(decoded, config, now_ms)
            _correct_max_timestamp(batch, header, decoded)
        if codec != header.codec:
            batch = memoryview(_recompress(decoded, header, codec, config))
        header = parse_header(batch)
    return _stamp(batch, header, now_ms if stamped else NO_TIMESTAMP)


def _stamp(
    batch: memoryview, header: BatchHeader, log_append_time_ms: int
) -> tuple[memoryview, BatchHeader, int]:
    """Set the time of appending, or see to it that the batch doesn't claim to have one."""
    claims = header.timestamp_type is TimestampType.LOG_APPEND_TIME
    if log_append_time_ms != NO_TIMESTAMP:
        if claims:
            raise KafkaError(ErrorCode.INVALID_TIMESTAMP, "A producer may not set the log append time")
        set_log_append_time(batch, log_append_time_ms)
    elif claims:
        set_create_time(batch)
    else:
        return batch, header, log_append_time_ms
    return batch, parse_header(batch), log_append_time_ms


def _timestamps_within(header: BatchHeader, config: TopicConfig, now_ms: int) -> bool:
    return _within(header.max_timestamp, config, now_ms) and _within(header.base_timestamp, config, now_ms)


def _within(timestamp: int, config: TopicConfig, now_ms: int) -> bool:
    if timestamp == NO_TIMESTAMP:
        return True
    if timestamp > now_ms:
        return timestamp - now_ms <= config.message_timestamp_after_max_ms
    return now_ms - timestamp <= config.message_timestamp_before_max_ms


def _decode(batch: memoryview) -> list[Record]:
    try:
        return list(records_of(batch))
    except ProtocolError as error:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"The records can't be read: {error}") from error


def _check_timestamps(records: list[Record], config: TopicConfig, now_ms: int) -> None:
    rejected = [
        (index, f"Timestamp {record.timestamp} of the record is out of range at {now_ms}")
        for index, record in enumerate(records)
        if not _within(record.timestamp, config, now_ms)
    ]
    if rejected:
        raise RecordsRejectedError(
            ErrorCode.INVALID_TIMESTAMP,
            "One or more records have been rejected due to invalid timestamp",
            rejected,
        )


def _correct_max_timestamp(batch: memoryview, header: BatchHeader, records: list[Record]) -> None:
    largest = max(record.timestamp for record in records)
    if largest != header.max_timestamp:
        set_max_timestamp(batch, largest)


def _check_keys(records: list[Record], config: TopicConfig) -> None:
    if "compact" not in config.cleanup_policy:
        return
    rejected = [
        (index, "A compacted topic takes no record without a key")
        for index, record in enumerate(records)
        if record.key is None
    ]
    if rejected:
        raise RecordsRejectedError(
            ErrorCode.INVALID_RECORD, "One or more records have been rejected for want of a key", rejected
        )


def _recompress(records: list[Record], header: BatchHeader, codec: Codec, config: TopicConfig) -> bytearray:
    levels = {
        Codec.GZIP: config.compression_gzip_level,
        Codec.LZ4: config.compression_lz4_level,
        Codec.ZSTD: config.compression_zstd_level,
    }
    return encode_batch(
        records,
        base_offset=0,
        last_offset=header.last_offset_delta,
        codec=codec,
        level=levels.get(codec),
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        transactional=header.is_transactional,
    )
