"""DescribeTopicPartitions: pages of partitions (KIP-966)."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_topic_partitions import DescribeTopicPartitionsRequest


@scenario([0])
def all_of_it(run: Conversation) -> None:
    a, b = run.topic("a", partitions=3), run.topic("b", partitions=2)

    def ask(label: str, *names: str, **given: Any) -> None:
        run.ask(label, DescribeTopicPartitionsRequest, topics=[{"name": name} for name in names], **given)

    ask("one", a)
    ask("two, not in order", b, a)
    ask("the same twice", a, a)
    ask("unknown topic", run.name("nowhere"))
    ask("known and unknown", run.name("nowhere"), a)
    ask("invalid name", "a/b")
    ask("empty name", "")
    for limit in (1, 2, 3, 4, 5, 0, -1):
        ask(f"limit {limit}", a, b, response_partition_limit=limit)
    for topic, partition in (
        (a, 0),
        (a, 1),
        (a, 2),
        (a, 3),
        (b, 1),
        (run.name("aa"), 0),
        (run.name("zz"), 0),
        (a, -1),
        ("", 0),
    ):
        label = f"from partition {partition} of {topic.replace(run.name(), '~')}"
        ask(label, a, b, cursor={"topic_name": topic, "partition_index": partition})
    ask(
        "from within, limit 1",
        a,
        b,
        response_partition_limit=1,
        cursor={"topic_name": a, "partition_index": 2},
    )


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 75, run.version, bytes(20), flexible=True)
