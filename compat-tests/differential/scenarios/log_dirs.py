"""Several log.dirs: partitions are made where they shall be, moved while they are used, and described."""

from typing import Any

from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.alter_replica_log_dirs import AlterReplicaLogDirsRequest
from kbroker.protocol.describe_log_dirs import DescribeLogDirsRequest
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.incremental_alter_configs import IncrementalAlterConfigsRequest
from kbroker.protocol.produce import ProduceRequest

BROKER, SET = 4, 0


class Places:
    """The directories of the broker, and what can be asked of them."""

    def __init__(self, run: Conversation) -> None:
        self.run = run
        described = run.first.quietly(DescribeLogDirsRequest, 4, topics=[])
        self.paths = sorted(each.log_dir for each in described.results)
        for path in self.paths:
            run.symbols.name("log dir", path)

    def move(self, label: str, topic: str, *moves: tuple[int, list[int]]) -> None:
        dirs = [
            {"path": self.paths[to], "topics": [{"name": topic, "partitions": partitions}]}
            for to, partitions in moves
        ]

        def in_order(answer: Any) -> None:
            for each in answer.results:
                each.partitions.sort(key=lambda partition: partition.partition_index)

        version = min(self.run.version, 2)
        self.run.ask(label, AlterReplicaLogDirsRequest, version=version, only=in_order, dirs=dirs)

    def describe(self, label: str, topic: str, partitions: list[int], cordoned: int = 0) -> None:
        """Where the partitions are once nothing moves."""

        def plain(answer: Any) -> None:
            answer.results.sort(key=lambda each: each.log_dir)
            for result in answer.results:
                result.usable_bytes = result.total_bytes = min(result.usable_bytes, 1)
                for each in result.topics:
                    each.partitions.sort(key=lambda partition: partition.partition_index)

        def settled(answer: Any) -> bool:
            found = [part for each in answer.results for of in each.topics for part in of.partitions]
            moving = len(found) != len(partitions) or any(part.is_future_key for part in found)
            known = self.run.version < 5 or cordoned == sum(each.is_cordoned for each in answer.results)
            return known and not moving

        asked = [{"topic": topic, "partitions": partitions}]
        self.run.ask(label, DescribeLogDirsRequest, until=settled, only=plain, topics=asked)

    def cordon(self, label: str, value: str) -> None:
        resource = {
            "resource_type": BROKER,
            "resource_name": "1",
            "configs": [{"name": "cordoned.log.dirs", "config_operation": SET, "value": value}],
        }
        self.run.ask(
            label, IncrementalAlterConfigsRequest, version=1, resources=[resource], validate_only=False
        )


@scenario(range(1, 6), last=True, log_dirs=True)
def moves(run: Conversation) -> None:
    places = Places(run)
    name = run.name()
    places.move("before the topic is there", name, (2, [0]), (0, [1]), (1, [2]))
    topic = run.topic(partitions=3)
    places.describe("made where it shall be", topic, [0, 1, 2])
    run.fill(topic, batch([b"a" * 100] * 50))
    places.describe("with records", topic, [0, 1, 2])
    places.move("to where they are", topic, (2, [0]), (0, [1]), (1, [2]))
    places.move("one to another directory", topic, (0, [0]))
    places.describe("after that", topic, [0, 1, 2])
    places.move("all to one directory, one that isn't there too", topic, (1, [0, 1, 2, 3]))
    places.describe("after that, all of them", topic, [0, 1, 2])
    part = [{"index": 0, "records": batch([b"b"])}]
    run.ask(
        "go on",
        ProduceRequest,
        version=9,
        acks=-1,
        timeout_ms=5000,
        topic_data=[{"name": topic, "partition_data": part}],
    )
    parts = [{"partition": 0, "fetch_offset": 0, "partition_max_bytes": 1 << 20}]
    run.ask(
        "what is stored", FetchRequest, version=11, max_wait_ms=0, min_bytes=0, max_bytes=1 << 20,
        topics=[{"topic": topic, "partitions": parts}],
    )  # fmt: skip


@scenario(range(1, 6), last=True, log_dirs=True)
def cordoned_directories(run: Conversation) -> None:
    places = Places(run)
    places.move("before the topic is there", run.name(), (2, [0]))
    topic = run.topic()
    places.cordon("one directory", places.paths[1])
    places.describe("it is described so", topic, [0], cordoned=1)
    places.cordon("a directory that is none", "/nowhere")
    if run.version == 5:  # older ones don't tell when it has come into force
        places.move("to a cordoned directory", topic, (1, [0]))
        places.move("to another one", topic, (0, [0]))
        places.describe("only one has happened", topic, [0], cordoned=1)
    places.cordon("none", "")
    places.describe("none is", topic, [0])
