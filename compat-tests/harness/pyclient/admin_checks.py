"""Topics, configs and records, administered."""

from harness.pyclient.adapter import Message
from harness.pyclient.main import Context, check, equal, eventually, read


@check("topics are created once and deleted", quick=True)
def topics(on: Context) -> None:
    topic = on.name("made")
    on.create_topic(topic, 3)
    equal(on.client.partitions(topic), 3, "partitions")
    on.expect_error(36, lambda: on.client.create_topic(topic, 3))
    on.expect_error(17, lambda: on.client.create_topic("a/b", 1))
    on.expect_error(37, lambda: on.client.create_topic(on.name("none"), 0))
    on.client.produce(topic, [Message(b"old", partition=0)])
    on.client.delete_topic(topic)
    eventually(lambda: on.client.partitions(topic) == 0, "the topic gone")
    on.expect_error(3, lambda: on.client.delete_topic(topic))
    on.create_topic(topic, 2)
    eventually(lambda: on.client.partitions(topic) == 2, "the topic back")
    equal(on.client.produce(topic, [Message(b"new", partition=0)]), [(0, 0)], "place in the new topic")
    with on.client.consumer(topic) as consumer:
        equal([record.value for record in read(consumer, 1)], [b"new"], "values in the new topic")


@check("partitions are added", quick=True)
def partitions(on: Context) -> None:
    topic = on.name("grown")
    on.create_topic(topic, 1)
    on.client.add_partitions(topic, 3)
    eventually(lambda: on.client.partitions(topic) == 3, "three partitions")
    on.expect_error(37, lambda: on.client.add_partitions(topic, 2))
    equal(on.client.produce(topic, [Message(b"x", partition=2)]), [(2, 0)], "place in a new partition")


@check("topic configs are described and altered", quick=True)
def configs(on: Context) -> None:
    topic = on.name("configured")
    on.create_topic(topic, 1, {"retention.ms": "123456", "cleanup.policy": "compact"})
    before = on.client.topic_config(topic)
    given = {key: before.get(key) for key in ("retention.ms", "cleanup.policy", "max.message.bytes")}
    wanted = {"retention.ms": "123456", "cleanup.policy": "compact", "max.message.bytes": "1048588"}
    equal(given, wanted, "configs as created")
    on.client.alter_topic_config(topic, {"retention.ms": "654321", "cleanup.policy": "delete"})
    eventually(lambda: on.client.topic_config(topic)["retention.ms"] == "654321", "the new value", 10)
    equal(on.client.topic_config(topic)["cleanup.policy"], "delete", "cleanup.policy")
    on.expect_error(40, lambda: on.client.alter_topic_config(topic, {"retention.ms": "soon"}))


@check("records are deleted")
def records(on: Context) -> None:
    topic = on.name("cut")
    on.client.produce(topic, [Message(b"%d" % n, partition=0) for n in range(10)])
    on.client.delete_records((topic, 0), 6)
    with on.client.consumer(topic) as consumer:
        equal(consumer.bounds((topic, 0)), (6, 10), "bounds")
        equal([record.offset for record in read(consumer, 4)], [6, 7, 8, 9], "offsets left")
    on.expect_error(1, lambda: on.client.delete_records((topic, 0), 11))
