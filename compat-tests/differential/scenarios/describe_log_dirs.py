"""DescribeLogDirs: one directory, and the size of each partition in it. Path and space are each broker's own."""

from typing import Any

from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_log_dirs import DescribeLogDirsRequest

VERSIONS = range(1, 6)
SPACE = 1  # stands for any number of bytes that a disk may have


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic, empty = run.topic(partitions=3), run.topic("empty")
    run.fill(topic, batch([b"a", b"b", b"c"]))
    run.fill(topic, batch([b"d"]), partition=2)

    def mine(answer: Any) -> None:
        for result in answer.results:
            run.symbols.name("log dir", result.log_dir)
            result.topics = sorted(
                (each for each in result.topics if each.name.startswith(run.name())),
                key=lambda each: each.name,
            )
            for each in result.topics:
                each.partitions.sort(key=lambda partition: partition.partition_index)
            if 0 < result.usable_bytes <= result.total_bytes:
                result.usable_bytes = result.total_bytes = SPACE

    def ask(label: str, *named: tuple[str, list[int]]) -> None:
        topics = [{"topic": name, "partitions": partitions} for name, partitions in named]
        run.ask(label, DescribeLogDirsRequest, only=mine, topics=topics)

    run.ask("everything", DescribeLogDirsRequest, only=mine, topics=None)
    ask("no topic")
    ask("one partition", (topic, [0]))
    ask("partitions, not in order", (topic, [2, 0, 1]))
    ask("two topics", (empty, [0]), (topic, [1]))
    ask("a topic without partitions", (topic, []))
    ask("the same partition twice", (topic, [0, 0]))
    ask("the same topic twice", (topic, [0]), (topic, [1]))
    ask("unknown and negative partitions", (topic, [3, -1]))
    ask("unknown and known partitions", (topic, [3, 0]))
    ask("unknown topic", (run.name("nowhere"), [0]))
    ask("unknown and known topics", (run.name("nowhere"), [0]), (topic, [0]))
    ask("invalid name", ("a/b", [0]))
    ask("empty name", ("", [0]))
    ask("the metadata's topic", ("__cluster_metadata", [0]))
    run.delete(empty)
    ask("a deleted topic", (empty, [0]))


@scenario([0, 6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 35, run.version, bytes(20), flexible=run.version >= 2)
