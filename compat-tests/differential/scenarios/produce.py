"""Produce: what is stored, what is refused, sequences of idempotent producers, and topic configs that change it."""

import struct
import time
from typing import Any

from differential.batches import (
    CONTROL,
    GZIP,
    LOG_APPEND_TIME,
    TIME,
    TRANSACTIONAL,
    batch,
    record,
)
from differential.conversation import Client, Conversation
from differential.scenario import scenario
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.produce import ProduceRequest

VERSIONS = range(3, 14)
HOUR = 3_600_000


def topic_data(run: Conversation, topic: str, *parts: tuple[int, bytes | None]) -> dict[str, Any]:
    """One topic of a Produce request."""
    partitions = [{"index": index, "records": records} for index, records in parts]
    return {**run.called(topic, ids_from=13), "partition_data": partitions}


def produce(
    run: Conversation, label: str, topic: str, records: bytes | None, *, partition: int = 0, acks: int = -1
) -> Any:
    data = [topic_data(run, topic, (partition, records))]
    return run.ask(label, ProduceRequest, acks=acks, timeout_ms=5000, topic_data=data)


def stored(run: Conversation, topic: str, partition: int = 0) -> None:
    """What the log holds, by an ordinary Fetch."""
    part = {"partition": partition, "fetch_offset": 0, "partition_max_bytes": 1 << 20}
    run.ask(
        "what is stored", FetchRequest, version=11, max_wait_ms=0, min_bytes=0, max_bytes=1 << 20,
        topics=[{"topic": topic, "partitions": [part]}],
    )  # fmt: skip


@scenario(VERSIONS)
def accepted(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    other = run.topic("other")
    produce(run, "one record", topic, batch())
    produce(run, "three records", topic, batch([b"a", b"b", b"c"]))
    produce(run, "acks 1", topic, batch(), acks=1)
    produce(run, "gzip", topic, batch([b"z"] * 100, attributes=GZIP))
    produce(run, "a leader epoch in the batch is overwritten", topic, batch(leader_epoch=77))
    produce(
        run,
        "a null value and a null key",
        topic,
        batch(count=1, last_offset_delta=0, records=record(0, None)),
    )
    everywhere = [
        topic_data(run, topic, (1, batch()), (0, batch())),
        topic_data(run, other, (0, batch([b"x", b"y"]))),
    ]
    run.ask("three partitions of two topics", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=everywhere)
    run.ask("no topic", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=[])
    run.ask("no partition", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=[topic_data(run, topic)])
    some = [topic_data(run, topic, (0, batch()), (7, batch()))]
    run.ask("one partition known, one unknown", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=some)
    for timeout in (0, -1):
        data = [topic_data(run, topic, (0, batch()))]
        run.ask(f"timeout {timeout} ms", ProduceRequest, acks=-1, timeout_ms=timeout, topic_data=data)
    stored(run, topic)
    stored(run, topic, 1)


@scenario(VERSIONS)
def transactional_id(run: Conversation) -> None:
    topic = run.topic()
    data = [topic_data(run, topic, (0, batch()))]
    asked: dict[str, Any] = {"transactional_id": "t", "acks": -1, "timeout_ms": 5000}
    run.ask("a transactional id and a plain batch", ProduceRequest, **asked, topic_data=data)


@scenario(VERSIONS)
def topic_made_again(run: Conversation) -> None:
    topic = run.topic()
    produce(run, "the topic", topic, batch())
    old = topic_data(run, topic, (0, batch()))
    run.delete(topic)
    if run.version >= 13:
        run.ask("its id when it is gone", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=[old])
    else:
        produce(run, "its name when it is gone", topic, batch())
    run.topic()
    produce(run, "the new one", topic, batch())
    if run.version >= 13:
        run.ask("the old id", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=[old])


@scenario(VERSIONS)
def max_timestamp_too_low(run: Conversation) -> None:
    topic = run.topic()
    produce(
        run,
        "a max timestamp in the header that is below a record's",
        topic,
        batch([b"a", b"b"], max_time=TIME - 5),
    )
    stored(run, topic)


@scenario(VERSIONS)
def refused_request(run: Conversation) -> None:
    topic = run.topic()
    produce(run, "unknown partition", topic, batch(), partition=1)
    produce(run, "negative partition", topic, batch(), partition=-1)
    if run.version >= 13:
        for label, topic_id in (("unknown topic id", b"\7" * 16), ("zero topic id", bytes(16))):
            part = {"index": 0, "records": batch()}
            data = [{"topic_id": topic_id, "partition_data": [part]}]
            run.ask(label, ProduceRequest, acks=-1, timeout_ms=5000, topic_data=data)
    else:
        for label, name in (
            ("unknown topic", run.name("nowhere")),
            ("invalid name", "a/b"),
            ("empty name", ""),
        ):
            produce(run, label, name, batch())
    for acks in (2, -2, 100):
        produce(run, f"acks {acks}", topic, batch(), acks=acks)
    twice = [topic_data(run, topic, (0, batch()), (0, batch([b"again"])))]
    run.ask("the same partition twice", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=twice)
    twice = [topic_data(run, topic, (0, batch())), topic_data(run, topic, (0, batch([b"again"])))]
    run.ask("the same topic twice", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=twice)
    for label, records in (("null records", None), ("empty records", b"")):
        data = [topic_data(run, topic, (0, records))]
        run.ask(label, ProduceRequest, acks=-1, timeout_ms=5000, topic_data=data, timeout=0.3)
    stored(run, topic)


@scenario(VERSIONS)
def without_acks(run: Conversation) -> None:
    topic = run.topic()

    def tell(client: Client, label: str, records: bytes, partition: int = 0) -> None:
        data = [topic_data(run, topic, (partition, records))]
        client.tell(label, ProduceRequest, acks=0, timeout_ms=5000, topic_data=data)

    tell(run.first, "acks 0", batch())
    tell(run.first, "acks 0 to an unknown partition", batch(), partition=9)
    tell(run.first, "acks 0 after that", batch())
    tell(run.client(), "acks 0 with a wrong checksum", batch(crc_xor=1))
    stored(run, topic)


@scenario(VERSIONS)
def refused_batch(run: Conversation) -> None:
    topic = run.topic()
    now = int(time.time() * 1000)
    three = [b"a", b"b", b"c"]
    wrong = {
        "wrong checksum": batch(crc_xor=1),
        "magic 0": batch(magic=0),
        "magic 1": batch(magic=1),
        "magic 3": batch(magic=3),
        "magic -1": batch(magic=-1),
        "codec 5": batch(attributes=5),
        "codec 7": batch(attributes=7),
        "more records announced": batch(three, count=4),
        "fewer records announced": batch(three, count=2),
        "a larger last offset delta": batch(three, last_offset_delta=3),
        "a smaller last offset delta": batch(three, last_offset_delta=1),
        "negative count": batch(three, count=-1),
        "negative last offset delta": batch(three, last_offset_delta=-1),
        "no records": batch([]),
        "no records, count 0, last offset delta 0": batch([], last_offset_delta=0),
        "two batches": batch() + batch(),
        "base offset 1": batch(base_offset=1),
        "base offset -1": batch(base_offset=-1),
        "base offset 1000": batch(base_offset=1000),
        "a length too large": batch(length_more=1),
        "a length too small": batch(length_more=-1),
        "a length below the header": batch(length_more=-30),
        "negative length": batch(length_more=-1000),
        "huge length": batch(length_more=1 << 30),
        "cut in the records": batch(three)[:-3],
        "cut in the header": batch(three)[:40],
        "cut in the first field": batch(three)[:5],
        "one byte more": batch(three) + b"\0",
        "a garbage tail": batch(three) + b"garbage that is long enough for a batch header of 61 bytes, really",
        "only garbage": b"\xff" * 80,
        "zeros": bytes(100),
        "control batch": batch(attributes=CONTROL, records=record(0, struct.pack(">hi", 0, 0), b"\0\0\0\0"), count=1),
        "transactional bit without a transactional id": batch(attributes=TRANSACTIONAL, producer=(1, 0, 0)),
        "transactional bit without a producer": batch(attributes=TRANSACTIONAL),
        "log append time bit": batch(attributes=LOG_APPEND_TIME),
        "delete horizon bit": batch(attributes=64),
        "an unused attribute bit": batch(attributes=1 << 8),
        "max timestamp two hours ahead": batch(time=now + 2 * HOUR),
        "max timestamp two hours ahead in the header alone": batch(max_time=now + 2 * HOUR),
        "base timestamp -1": batch(time=-1, max_time=-1),
        "base timestamp -5": batch(time=-5, max_time=-5),
        "max timestamp -1": batch(max_time=-1),
        "max timestamp -2": batch(max_time=-2),
        "a sequence without a producer": batch(producer=(-1, -1, 0)),
        "an epoch without a producer": batch(producer=(-1, 3, -1)),
        "a producer without a sequence": batch(producer=(1000, 0, -1)),
        "a producer without an epoch": batch(producer=(1001, -1, 0)),
        "a negative producer": batch(producer=(-5, 0, 0)),
        "a sequence below -1": batch(producer=(1002, 0, -5)),
    }  # fmt: skip
    for label, records in wrong.items():
        produce(run, label, topic, records)
    some = [topic_data(run, run.topic("more", 2), (0, batch(crc_xor=1)), (1, batch()))]
    run.ask("one partition wrong, one right", ProduceRequest, acks=-1, timeout_ms=5000, topic_data=some)


@scenario(VERSIONS)
def refused_records(run: Conversation) -> None:
    """What only the records inside a batch show: the headers are right. Each has a partition of its own."""
    now = int(time.time() * 1000)
    three = [b"a", b"b", b"c"]
    wrong = {
        "count and last offset delta both too large": batch(three, count=5, last_offset_delta=4),
        "count and last offset delta both too small": batch(three, count=2, last_offset_delta=1),
        "records that do not parse": batch(records=b"\xff" * 20),
        "a record longer than the batch": batch(records=b"\x7e" + record(0, b"v")[1:]),
        "an offset delta out of order": batch([b"", b""], records=record(0, b"v") + record(5, b"v")),
        "bytes after the last record": batch(records=record(0, b"v") + b"\0\0"),
        "a record two hours ahead": batch(time=now, records=record(0, b"v", time_delta=2 * HOUR)),
        "gzip that does not unpack": batch(attributes=GZIP, records=b"\xff" * 30),
        "snappy that does not unpack": batch(attributes=2, records=b"\xff" * 30),
        "lz4 that does not unpack": batch(attributes=3, records=b"\xff" * 30),
        "zstd that does not unpack": batch(attributes=4, records=b"\xff" * 30),
    }
    topic = run.topic(partitions=len(wrong))
    for partition, (label, records) in enumerate(wrong.items()):
        produce(run, label, topic, records, partition=partition)


@scenario(VERSIONS)
def topic_configs(run: Conversation) -> None:
    small = run.topic("small", max_message_bytes="200")
    produce(run, "200 bytes allowed: 199", small, batch([b"x" * (199 - 68 - 2)]))
    produce(run, "200 bytes allowed: about 300", small, batch([b"x" * 230]))
    stamped = run.topic("stamped", message_timestamp_type="LogAppendTime")
    produce(run, "log append time", stamped, batch([b"a", b"b"]))
    stored(run, stamped)
    before = run.topic("before", message_timestamp_before_max_ms="1000")
    produce(run, "older than message.timestamp.before.max.ms", before, batch())
    produce(run, "and not older", before, batch(time=int(time.time() * 1000) - 1))
    after = run.topic("after", message_timestamp_after_max_ms="1000")
    produce(
        run, "later than message.timestamp.after.max.ms", after, batch(time=int(time.time() * 1000) + 60_000)
    )
    compacted = run.topic("compacted", cleanup_policy="compact")
    produce(run, "no key in a compacted topic", compacted, batch())
    keyed = record(0, b"v", b"k")
    produce(run, "a key in a compacted topic", compacted, batch(records=keyed))
    keyed += record(1, b"v")
    produce(run, "one of two without a key", compacted, batch([b"", b""], records=keyed))
    replicas = run.topic("replicas", min_insync_replicas="2")
    produce(run, "more in-sync replicas wanted than exist", replicas, batch())
    produce(run, "the same with acks 1", replicas, batch(), acks=1)
    packed = run.topic("packed", compression_type="gzip")
    produce(run, "the broker compresses", packed, batch([b"a" * 50] * 3))
    plainly = run.topic("plain", compression_type="uncompressed")
    produce(run, "the broker unpacks", plainly, batch([b"a" * 50] * 3, attributes=GZIP))


@scenario([0, 1, 2, 14, -1])
def versions_outside(run: Conversation) -> None:
    part = struct.pack(">hi", 1, 1000) + struct.pack(">i", 0)
    run.first.ask_raw("a version with no schema", 0, run.version, part, flexible=run.version > 8)
