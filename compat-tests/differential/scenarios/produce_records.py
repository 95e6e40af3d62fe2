"""Produce to topics whose configs have the broker look into the records: codecs, keys, timestamps, sizes."""

import time
from typing import Any

from differential.batches import batch, record
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.produce import HOUR, VERSIONS, produce
from kbroker.protocol.batch import HEADER_SIZE, Codec, parse_header, seal
from kbroker.protocol.compression import compress, decompress
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.records import iter_batches

CODECS = {
    "uncompressed": Codec.NONE,
    "gzip": Codec.GZIP,
    "snappy": Codec.SNAPPY,
    "lz4": Codec.LZ4,
    "zstd": Codec.ZSTD,
}
LEVELS = {
    "gzip": {"compression_gzip_level": "9"},
    "lz4": {"compression_lz4_level": "17"},
    "zstd": {"compression_zstd_level": "10"},
}
VALUES = [b"first" * 20, b"second" * 20, b"third" * 20]
KEYED = record(0, b"a" * 50, b"k") + record(1, None, b"k") + record(2, b"b" * 50, b"l")


def packed(codec: Codec, records: bytes | None = None, **header: Any) -> bytes:
    """A batch whose three records are compressed by any codec."""
    plain = b"".join(record(i, value) for i, value in enumerate(VALUES)) if records is None else records
    return batch(VALUES, records=bytes(compress(codec, plain)), attributes=codec, **header)


def unpacked(answer: Any) -> None:
    """Put the records in place of what a codec made of them: how small that is, is the codec's own affair."""
    for topic in answer.responses:
        for partition in topic.partitions:
            partition.records = b"".join(
                _unpack(bytes(each)) for _, each in iter_batches(partition.records or b"")
            )


def _unpack(data: bytes) -> bytes:
    records = bytes(decompress(parse_header(data).codec, data[HEADER_SIZE:]))
    plain = bytearray(data[:HEADER_SIZE] + records)
    plain[8:12] = (len(plain) - 12).to_bytes(4, "big")
    seal(plain)
    return bytes(plain)


def stored(run: Conversation, topic: str, partition: int = 0) -> None:
    """What the log holds: the codec that each batch's header names, and the records."""
    part = {"partition": partition, "fetch_offset": 0, "partition_max_bytes": 1 << 20}
    run.ask(
        "what is stored", FetchRequest, version=11, max_wait_ms=0, min_bytes=0, max_bytes=1 << 20,
        topics=[{"topic": topic, "partitions": [part]}], only=unpacked,
    )  # fmt: skip


@scenario(VERSIONS)
def compression_types(run: Conversation) -> None:
    for name in ("producer", *CODECS):
        topic = run.topic(name, compression_type=name, **LEVELS.get(name, {}))
        for source, codec in CODECS.items():
            produce(run, f"{source} to {name}", topic, packed(codec))
        stored(run, topic)


@scenario(VERSIONS)
def codecs_and_what_else_is_looked_at(run: Conversation) -> None:
    now = int(time.time() * 1000)
    stamped = run.topic("stamped", compression_type="lz4", message_timestamp_type="LogAppendTime")
    produce(run, "log append time, compressed anew", stamped, packed(Codec.GZIP))
    produce(run, "log append time, the same codec", stamped, packed(Codec.LZ4))
    produce(run, "log append time, two hours ahead", stamped, packed(Codec.GZIP, time=now + 2 * HOUR))
    produce(run, "log append time, a batch that claims it", stamped, packed(Codec.GZIP, leader_epoch=3))
    stored(run, stamped)
    compacted = run.topic("compacted", compression_type="zstd", cleanup_policy="compact")
    produce(run, "keys, compressed anew", compacted, packed(Codec.GZIP, KEYED))
    produce(run, "no keys, compressed anew", compacted, packed(Codec.GZIP))
    produce(run, "no keys, the same codec", compacted, packed(Codec.ZSTD))
    mixed = record(0, b"v") + record(1, b"v", b"k") + record(2, b"v")
    produce(run, "two of three without a key", compacted, packed(Codec.NONE, mixed))
    both = batch(
        VALUES,
        records=record(0, b"v", time_delta=2 * HOUR) + record(1, b"v") + record(2, b"v", b"k"),
        time=now,
    )
    produce(run, "without a key, and two hours ahead", compacted, both)
    stored(run, compacted)
    dated = run.topic(
        "dated", message_timestamp_before_max_ms="60000", message_timestamp_after_max_ms="60000"
    )
    hour_off = record(0, b"v") + record(1, b"v", time_delta=-HOUR) + record(2, b"v", time_delta=HOUR)
    produce(run, "records an hour off", dated, batch(VALUES, records=hour_off, time=now))
    produce(
        run, "the largest an hour off", dated, batch(VALUES, records=hour_off, time=now, max_time=now + HOUR)
    )
    produce(run, "all an hour off, gzip", dated, packed(Codec.GZIP, time=now - HOUR))
    produce(run, "all a day ahead", dated, packed(Codec.NONE, time=now + 24 * HOUR))
    produce(run, "no timestamps", dated, batch([b"v"], time=-1, max_time=-1))
    produce(run, "in time", dated, packed(Codec.SNAPPY, time=now))
    stored(run, dated)


@scenario(VERSIONS)
def sizes(run: Conversation) -> None:
    text = record(0, b"x" * 3000)
    small = {"max_message_bytes": "500"}
    plain = run.topic("plain", compression_type="uncompressed", **small)
    produce(
        run,
        "small until it is unpacked",
        plain,
        batch([b""], records=bytes(compress(Codec.GZIP, text)), attributes=1),
    )
    produce(
        run,
        "too large before it would be packed",
        run.topic("gzip", compression_type="gzip", **small),
        batch([b"x" * 3000]),
    )
    stored(run, plain)
    kept = run.topic("kept", **small)
    produce(
        run, "small and kept so", kept, batch([b""], records=bytes(compress(Codec.GZIP, text)), attributes=1)
    )
    for size in (500, 501):
        produce(run, f"{size} bytes", kept, batch([b"x" * (size - 61 - 9)]))


@scenario(VERSIONS)
def records_that_can_not_be_read(run: Conversation) -> None:
    good = b"".join(record(i, value) for i, value in enumerate(VALUES))
    wrong: dict[str, bytes] = {}
    for name, codec in CODECS.items():
        data = bytes(compress(codec, good))
        wrong |= {
            f"{name}: garbage": batch(VALUES, records=b"\xff" * 30, attributes=codec),
            f"{name}: nothing": batch(VALUES, records=b"", attributes=codec),
            f"{name}: cut off": batch(VALUES, records=data[:-9], attributes=codec),
            f"{name}: an offset delta out of order": packed(
                codec, record(0, b"a") + record(5, b"b") + record(2, b"c")
            ),
            f"{name}: two records of three": packed(codec, record(0, b"a") + record(1, b"b")),
            f"{name}: four records of three": packed(codec, good + record(3, b"d")),
            f"{name}: a record of length 0": packed(codec, b"\0" + good),
            f"{name}: a negative length": packed(codec, b"\x01" + good),
        }
    wrong["codec 5"] = batch(VALUES, attributes=5)
    wrong["codec 7"] = batch(VALUES, attributes=7)
    to_gzip = run.topic("gzip", partitions=len(wrong), compression_type="gzip")
    compacted = run.topic("compacted", partitions=len(wrong), cleanup_policy="compact")
    for partition, (label, records) in enumerate(wrong.items()):
        produce(run, f"{label}, to be compressed anew", to_gzip, records, partition=partition)
        produce(run, f"{label}, to a compacted topic", compacted, records, partition=partition)
