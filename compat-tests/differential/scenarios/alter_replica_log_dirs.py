"""AlterReplicaLogDirs: there is one directory, so nothing can move."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.alter_replica_log_dirs import AlterReplicaLogDirsRequest
from kbroker.protocol.describe_log_dirs import DescribeLogDirsRequest

VERSIONS = range(1, 3)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic, other = run.topic(partitions=2), run.topic("other")
    described = run.first.quietly(DescribeLogDirsRequest, 2, topics=[])
    here = described.results[0].log_dir if described.results else "/nowhere"
    run.symbols.name("log dir", here)

    def in_order(answer: Any) -> None:
        answer.results.sort(key=lambda each: each.topic_name)
        for each in answer.results:
            each.partitions.sort(key=lambda partition: partition.partition_index)

    def move(label: str, *moves: tuple[str, str, list[int]]) -> None:
        dirs = [
            {"path": path, "topics": [{"name": name, "partitions": partitions}]}
            for path, name, partitions in moves
        ]
        run.ask(label, AlterReplicaLogDirsRequest, only=in_order, dirs=dirs)

    move("to where it is", (here, topic, [0]))
    move("all partitions to where they are", (here, topic, [1, 0]))
    move("to a directory that is none", ("/nowhere", topic, [0]))
    for path in ("", "relative", "/"):
        move(f"to {path!r}", (path, topic, [0]))
    move("one here, one elsewhere", (here, topic, [0]), ("/nowhere", topic, [1]))
    move("the same to two, the last unknown", (here, topic, [0]), ("/nowhere", topic, [0]))
    move("the same to two, the first unknown", ("/nowhere", topic, [0]), (here, topic, [0]))
    move("the same twice", (here, topic, [0, 0]))
    move("two topics", (here, topic, [0]), (here, other, [0]))
    move("unknown and negative partitions", (here, topic, [2, -1]))
    move("unknown and known partitions", (here, topic, [2, 0]))
    move("unknown partition elsewhere", ("/nowhere", topic, [2]))
    move("unknown topic", (here, run.name("nowhere"), [0]))
    move("unknown topic elsewhere", ("/nowhere", run.name("nowhere"), [0]))
    move("empty name", (here, "", [0]))
    move("invalid name", (here, "a/b", [0]))
    for length in (212, 213, 214, 215, 249, 250):
        move(f"a name of {length}", (here, "x" * length, [0]))
        move(f"a name of {length} elsewhere", ("/nowhere", "x" * length, [0]))
        move(f"a name of {length}, and a longer number", (here, "x" * length, [10]))
    move("no partition", (here, topic, []))
    run.ask("no topic", AlterReplicaLogDirsRequest, dirs=[{"path": here, "topics": []}])
    run.ask("no directory", AlterReplicaLogDirsRequest, dirs=[])
    run.delete(other)
    move("a deleted topic", (here, other, [0]))


@scenario([0, 3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 34, run.version, bytes(20), flexible=run.version >= 2)
