"""DescribeProducers: idempotent and transactional producers, and partitions that aren't there."""

from typing import Any

from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_producers import DescribeProducersRequest

PRODUCER = 4_000_000_000


def describe(run: Conversation, label: str, *topics: tuple[str, list[int]]) -> Any:
    named = [{"name": name, "partition_indexes": indexes} for name, indexes in topics]
    return run.ask(label, DescribeProducersRequest, topics=named)


@scenario([0])
def idempotent(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    describe(run, "nobody has written", (topic, [0, 1]))
    run.fill(topic, batch())
    describe(run, "somebody without an id has", (topic, [0]))
    for number, (epoch, sequence) in enumerate([(0, 0), (0, 1), (1, 0)]):
        run.fill(topic, batch([b"a", b"b"][: 1 + number % 2], producer=(PRODUCER, epoch, sequence)))
        describe(run, f"a producer of epoch {epoch} has written sequence {sequence}", (topic, [0, 1]))
    run.fill(topic, batch(producer=(PRODUCER + 1, 5, 7)))
    describe(run, "another one has", (topic, [0]))


@scenario([0])
def not_there(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    describe(run, "no topics")
    describe(run, "no partitions", (topic, []))
    describe(run, "unknown and negative partitions", (topic, [9, -1, 0]))
    describe(run, "unknown topic", (run.name("nowhere"), [0, 1]), (topic, [1]))
    for name in ("a/b", "", "..", "x" * 250):
        describe(run, f"the name {name[:10]!r} of length {len(name)}", (name, [0]))
    describe(run, "a partition twice", (topic, [0, 0]))
    describe(run, "a topic twice", (topic, [0]), (topic, [1]))


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 61, run.version, bytes(20), flexible=True)
