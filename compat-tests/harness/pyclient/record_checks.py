"""Producing and consuming: what arrives is what was sent."""

import os
import time
from collections import Counter, defaultdict

from harness.pyclient.adapter import Message, NotOfferedError
from harness.pyclient.main import Context, check, equal, read


@check("a topic made by producing to it", quick=True)
def auto_create(on: Context) -> None:
    topic = on.name("auto")
    equal(on.client.produce(topic, [Message(b"first", partition=0)]), [(0, 0)], "partition and offset")
    equal(on.client.partitions(topic), 4, "partitions, as num.partitions says")


@check("produce and consume", quick=True)
def round_trip(on: Context) -> None:
    topic = on.name("records")
    messages = [Message(b"value %d" % n, b"key %d" % n, partition=n % 4) for n in range(400)]
    messages += [
        Message(None, b"no value", 0),
        Message(b"", None, 1),
        Message(os.urandom(300_000), b"large", 2),
    ]
    placed = on.client.produce(topic, messages)
    equal(Counter(partition for partition, _ in placed), Counter({0: 101, 1: 101, 2: 101, 3: 100}), "placed")
    for partition in range(4):
        offsets = [offset for where, offset in placed if where == partition]
        equal(offsets, list(range(len(offsets))), f"offsets of partition {partition}")
    with on.client.consumer(topic) as consumer:
        records = read(consumer, len(messages))
    got = {(record.partition, record.offset): (record.key, record.value) for record in records}
    equal(len(records), len(got), "records without duplicates")
    wanted = {place: (message.key, message.value) for place, message in zip(placed, messages, strict=True)}
    assert got == wanted, f"{len(got.items() ^ wanted.items())} records differ"
    by_partition = defaultdict(list)
    for record in records:
        by_partition[record.partition].append(record.offset)
    assert all(offsets == sorted(offsets) for offsets in by_partition.values()), "out of order"


@check("headers and timestamps")
def headers(on: Context) -> None:
    topic = on.name("headers")
    sent = (("a", b"1"), ("a", b"2"), ("ü", b""), ("bytes", bytes(range(256))))
    earlier = int(time.time() * 1000) - 3_600_000
    on.client.produce(topic, [Message(b"x", b"k", 0, sent, earlier), Message(b"y", partition=0)])
    with on.client.consumer(topic) as consumer:
        first, second = read(consumer, 2)
    equal(first.headers, sent, "headers")
    equal(first.timestamp, earlier, "timestamp")
    equal(second.headers, (), "no headers")
    assert second.timestamp > earlier + 3_500_000, f"the client's clock: {second.timestamp}"


@check("every codec", quick=True)
def codecs(on: Context) -> None:
    topic = on.name("codecs")
    wanted = []
    for codec in on.client.codecs:
        values = [b"%s %d " % (codec.encode(), n) + b"z" * 500 for n in range(100)]
        on.client.produce(topic, [Message(value, partition=0) for value in values], codec=codec)
        wanted += values
    with on.client.consumer(topic) as consumer:
        records = read(consumer, len(wanted))
    equal([record.offset for record in records], list(range(len(wanted))), "offsets")
    assert [record.value for record in records] == wanted, "values differ"


@check("acks 1")
def leader_acks(on: Context) -> None:
    topic = on.name("acks-1")
    for offset in range(3):
        placed = on.client.produce(topic, [Message(b"%d" % offset, partition=0)], acks=1)
        equal(placed, [(0, offset)], "place")
    with on.client.consumer(topic) as consumer:
        equal([record.value for record in read(consumer, 3)], [b"0", b"1", b"2"], "values")


@check("acks 0")
def no_acks(on: Context) -> None:
    if not on.client.fire_and_forget:
        raise NotOfferedError
    topic = on.name("acks-0")
    on.client.produce(topic, [Message(b"%d" % n, partition=0) for n in range(50)], acks=0)
    with on.client.consumer(topic) as consumer:
        equal([record.value for record in read(consumer, 50)], [b"%d" % n for n in range(50)], "values")


@check("offsets by time, and the log's bounds")
def times(on: Context) -> None:
    topic = on.name("times")
    first = int(time.time() * 1000) - 3_600_000  # older records retention would delete
    for n in range(5):
        on.client.produce(topic, [Message(b"%d" % n, partition=0, timestamp=first + 1000 * n)])
    with on.client.consumer(topic) as consumer:
        equal(consumer.bounds((topic, 0)), (0, 5), "bounds")
        equal(consumer.bounds((topic, 1)), (0, 0), "bounds of an empty partition")
        asked = (0, first + 2000, first + 2001, first + 4000, first + 4001)
        found = [consumer.offset_for_time((topic, 0), time) for time in asked]
    equal(found[:4], [0, 2, 3, 4], "offsets")
    assert found[4] in (None, 5), f"nothing is that late: {found[4]}"  # librdkafka turns -1 into the end


@check("an idempotent producer")
def idempotence(on: Context) -> None:
    if not on.client.idempotent:
        raise NotOfferedError
    topic = on.name("idempotent")
    for start in (0, 500):
        messages = [Message(b"%d" % n, partition=n % 2) for n in range(start, start + 500)]
        placed = on.client.produce(topic, messages)
        equal(placed[-1], (1, start // 2 + 249), "the last place")
    with on.client.consumer(topic) as consumer:
        records = read(consumer, 1000)
    equal(sorted(int(record.value or b"-1") for record in records), list(range(1000)), "values")


@check("a record beyond max.message.bytes is refused")
def too_large(on: Context) -> None:
    topic = on.name("small")
    on.create_topic(topic, 1, {"max.message.bytes": "2000"})
    on.expect_error(10, lambda: on.client.produce(topic, [Message(os.urandom(5000), partition=0)]))
    equal(on.client.produce(topic, [Message(os.urandom(500), partition=0)]), [(0, 0)], "a small one")
