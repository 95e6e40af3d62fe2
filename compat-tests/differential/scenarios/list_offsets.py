"""ListOffsets: special and ordinary timestamps, epochs, isolation, and what does not exist."""

from typing import Any

from differential.batches import GZIP, TIME, batch, record
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.delete_records import DeleteRecordsRequest
from kbroker.protocol.list_offsets import ListOffsetsRequest

VERSIONS = range(1, 12)
SPECIAL = {
    -1: "latest",
    -2: "earliest",
    -3: "max timestamp",
    -4: "earliest local",
    -5: "latest tiered",
    -6: "earliest pending upload",
    -7: "no such special timestamp",
    -100: "far below",
}


def offsets(
    run: Conversation, label: str, topic: str, timestamp: int, *, partition: int = 0, **fields: Any
) -> Any:
    epoch = fields.pop("epoch", -1)
    part = {"partition_index": partition, "current_leader_epoch": epoch, "timestamp": timestamp}
    asked = {
        "replica_id": -1,
        "topics": [{"name": topic, "partitions": [part]}],
        "timeout_ms": 5000,
        **fields,
    }
    return run.ask(label, ListOffsetsRequest, **asked)


@scenario(VERSIONS)
def timestamps(run: Conversation) -> None:
    topic = run.topic()
    for timestamp, meaning in SPECIAL.items():
        offsets(run, f"empty log: {meaning}", topic, timestamp)
    offsets(run, "empty log: a time", topic, TIME)
    run.fill(topic, batch([b"a", b"b", b"c"], time=TIME))
    run.fill(topic, batch([b"d"] * 5, time=TIME + 1000, attributes=GZIP))
    late_first = record(0, b"e", time_delta=50) + record(1, b"f", time_delta=0)
    run.fill(topic, batch([b"", b""], time=TIME + 2000, max_time=TIME + 2050, records=late_first))
    run.fill(topic, batch([b"g"], time=TIME + 500))
    for timestamp, meaning in SPECIAL.items():
        offsets(run, meaning, topic, timestamp)
    for after in (-1, 0, 1, 2, 3, 500, 1000, 1003, 1004, 1005, 2000, 2050, 2051):
        offsets(run, f"{after} ms after the first", topic, TIME + after)
    offsets(run, "time 0", topic, 0)
    offsets(run, "the largest time", topic, 2**63 - 1)
    for isolation in (1, 2, -1):
        for timestamp in (-1, -2, TIME):
            offsets(
                run,
                f"{SPECIAL.get(timestamp, 'a time')}, isolation {isolation}",
                topic,
                timestamp,
                isolation_level=isolation,
            )


@scenario(VERSIONS)
def after_delete_records(run: Conversation) -> None:
    topic = run.topic()
    run.fill(topic, batch([b"a", b"b", b"c"]))
    run.fill(topic, batch([b"d", b"e", b"f"], time=TIME + 100))
    part = {"partition_index": 0, "offset": 4}
    run.first.quietly(
        DeleteRecordsRequest, 2, topics=[{"name": topic, "partitions": [part]}], timeout_ms=5000
    )
    for timestamp in (-1, -2, -3, -4, TIME, TIME + 1, TIME + 100, TIME + 102, TIME + 103):
        offsets(run, f"log start 4: {SPECIAL.get(timestamp, timestamp - TIME)}", topic, timestamp)
    part = {"partition_index": 0, "offset": -1}
    run.first.quietly(
        DeleteRecordsRequest, 2, topics=[{"name": topic, "partitions": [part]}], timeout_ms=5000
    )
    for timestamp in (-1, -2, -3, TIME):
        offsets(run, f"all deleted: {SPECIAL.get(timestamp, timestamp - TIME)}", topic, timestamp)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    offsets(run, "unknown partition", topic, -1, partition=2)
    offsets(run, "negative partition", topic, -1, partition=-1)
    offsets(run, "unknown topic", run.name("nowhere"), -1)
    offsets(run, "invalid name", "a/b", -1)
    offsets(run, "empty name", "", -1)
    for epoch in (0, 1, -2):
        offsets(run, f"leader epoch {epoch}", topic, -1, epoch=epoch)
        offsets(run, f"leader epoch {epoch}, a time", topic, TIME, epoch=epoch)
    for replica in (0, 1, 7, -2, -3):
        offsets(run, f"replica {replica}", topic, -1, replica_id=replica)
    for timeout in (0, -1):
        offsets(run, f"timeout {timeout}", topic, -1, timeout_ms=timeout)
    run.ask("no topic", ListOffsetsRequest, replica_id=-1, topics=[])
    run.ask("no partition", ListOffsetsRequest, replica_id=-1, topics=[{"name": topic, "partitions": []}])
    part = {"partition_index": 0, "timestamp": -1}
    other = {"partition_index": 1, "timestamp": -2}
    run.ask(
        "two partitions",
        ListOffsetsRequest,
        replica_id=-1,
        topics=[{"name": topic, "partitions": [other, part]}],
    )
    run.ask(
        "the same partition twice", ListOffsetsRequest, replica_id=-1,
        topics=[{"name": topic, "partitions": [part, part, other]}],
    )  # fmt: skip
    twice = [{"name": topic, "partitions": [part]}, {"name": topic, "partitions": [other]}]
    run.ask("the same topic twice", ListOffsetsRequest, replica_id=-1, topics=twice)
    mixed = [{"name": run.name("nowhere"), "partitions": [part]}, {"name": topic, "partitions": [part]}]
    run.ask("an unknown and a known topic", ListOffsetsRequest, replica_id=-1, topics=mixed)


@scenario([0, 12])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 2, run.version, bytes(8), flexible=run.version > 5)
