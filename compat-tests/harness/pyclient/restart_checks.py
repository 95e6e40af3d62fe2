"""What is there after the broker went away and came back, asked on both sides of that."""

from harness.pyclient.adapter import Message
from harness.pyclient.main import Context, check, equal, read


@check("produce and commit before the restart", "before", quick=True)
def before(on: Context) -> None:
    topic, group = on.name("kept"), on.name("kept-group")
    on.create_topic(topic, 4, {"retention.ms": "7654321"})
    messages = [Message(b"%d" % n, b"key", 0, (("h", b"%d" % n),)) for n in range(100)]
    placed = on.client.produce(topic, messages[:40]) + on.client.produce(topic, messages[40:], codec="gzip")
    equal(placed, [(0, n) for n in range(100)], "places")
    on.client.produce(topic, [Message(b"side", partition=3)])
    with on.client.consumer(topic, group=group) as consumer:
        equal(len(read(consumer, 101)), 101, "records")
        consumer.commit()
    on.client.produce(topic, [Message(b"%d" % n, b"key", 0, (("h", b"%d" % n),)) for n in range(100, 110)])


@check("every acknowledged record is there", "after", quick=True)
def records(on: Context) -> None:
    with on.client.consumer(on.name("kept")) as consumer:
        found = [record for record in read(consumer, 111) if record.partition == 0]
    equal([record.offset for record in found], list(range(110)), "offsets")
    equal([record.value for record in found], [b"%d" % n for n in range(110)], "values")
    equal({record.key for record in found}, {b"key"}, "keys")
    equal([record.headers for record in found], [(("h", b"%d" % n),) for n in range(110)], "headers")


@check("the group goes on where it had committed", "after", quick=True)
def resume(on: Context) -> None:
    with on.client.consumer(on.name("kept"), group=on.name("kept-group")) as consumer:
        values = [record.value for record in read(consumer, 10)]
    equal(values, [b"%d" % n for n in range(100, 110)], "values")


@check("producing goes on at the next offset", "after", quick=True)
def produce(on: Context) -> None:
    topic = on.name("kept")
    equal(on.client.produce(topic, [Message(b"next", partition=0)]), [(0, 110)], "place")
    equal(on.client.partitions(topic), 4, "partitions")


@check("topic configs are kept", "after")
def configs(on: Context) -> None:
    equal(on.client.topic_config(on.name("kept"))["retention.ms"], "7654321", "retention.ms")
