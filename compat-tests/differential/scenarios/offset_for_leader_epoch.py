"""OffsetForLeaderEpoch (KIP-101, KIP-320): epochs that were and were not."""

from typing import Any

from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.offset_for_leader_epoch import OffsetForLeaderEpochRequest

VERSIONS = range(2, 5)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    run.fill(topic, batch([b"a", b"b", b"c"]))

    def ask(label: str, name: str, *parts: dict[str, Any], replica: int = -1) -> None:
        topics = [{"topic": name, "partitions": list(parts)}]
        run.ask(label, OffsetForLeaderEpochRequest, replica_id=replica, topics=topics)

    for epoch in (0, 1, 5, -1, -2):
        ask(f"epoch {epoch}", topic, {"partition": 0, "leader_epoch": epoch})
        ask(f"epoch {epoch} of an empty log", topic, {"partition": 1, "leader_epoch": epoch})
    for current in (0, 1, -2):
        ask(
            f"current epoch {current}",
            topic,
            {"partition": 0, "leader_epoch": 0, "current_leader_epoch": current},
        )
    ask("unknown partition", topic, {"partition": 2, "leader_epoch": 0})
    ask("negative partition", topic, {"partition": -1, "leader_epoch": 0})
    ask("unknown topic", run.name("nowhere"), {"partition": 0, "leader_epoch": 0})
    ask("empty name", "", {"partition": 0, "leader_epoch": 0})
    ask("twice", topic, {"partition": 0, "leader_epoch": 0}, {"partition": 0, "leader_epoch": 1})
    ask("no partition", topic)
    for replica in (-2, 0, 7):
        ask(f"replica {replica}", topic, {"partition": 0, "leader_epoch": 0}, replica=replica)
    run.ask("no topic", OffsetForLeaderEpochRequest, replica_id=-1, topics=[])


@scenario([1, 5])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 23, run.version, bytes(8), flexible=run.version > 3)
