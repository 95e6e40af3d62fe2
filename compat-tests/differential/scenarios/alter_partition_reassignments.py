"""AlterPartitionReassignments: on one node there is one place to be, and nothing to cancel (KIP-455)."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.alter_partition_reassignments import AlterPartitionReassignmentsRequest

VERSIONS = range(2)
Moves = dict[int, list[int] | None]


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic, other = run.topic(partitions=2), run.topic("other")

    def alter(label: str, *topics: tuple[str, Moves], **given: Any) -> None:
        named = [
            {
                "name": name,
                "partitions": [{"partition_index": index, "replicas": to} for index, to in moves.items()],
            }
            for name, moves in topics
        ]
        run.ask(label, AlterPartitionReassignmentsRequest, topics=named, **given)

    alter("none")
    alter("no partition", (topic, {}))
    alter("where it is", (topic, {0: [1]}))
    alter("both where they are", (topic, {0: [1], 1: [1]}))
    alter("two topics", (topic, {1: [1]}), (other, {0: [1]}))
    alter("cancelled", (topic, {0: None}))
    alter("both cancelled", (topic, {0: None, 1: None}))
    alter("to no replica", (topic, {0: []}))
    alter("to a broker that is not there", (topic, {0: [7]}))
    alter("to two brokers", (topic, {0: [1, 7]}))
    alter("to a negative broker", (topic, {0: [-1]}))
    alter("to one broker twice", (topic, {0: [1, 1]}))
    alter("unknown partition", (topic, {2: [1]}))
    alter("negative partition", (topic, {-1: [1]}))
    alter("unknown partition cancelled", (topic, {2: None}))
    alter("unknown topic", (run.name("nowhere"), {0: [1]}))
    alter("unknown topic cancelled", (run.name("nowhere"), {0: None}))
    alter("empty name", ("", {0: [1]}))
    alter("invalid name", ("a/b", {0: [1]}))
    alter("one right, one wrong", (topic, {0: [1], 1: [7]}), (run.name("nowhere"), {0: [1]}))
    alter("the same topic twice", (topic, {0: [1]}), (topic, {0: [7]}))
    for timeout in (0, -1):
        alter(f"time-out {timeout}", (topic, {0: [1]}), timeout_ms=timeout)
    if run.version:
        for label, moves in {
            "where it is": {0: [1]},
            "to two brokers": {0: [1, 7]},
            "cancelled": {0: None},
            "to no replica": {0: []},
        }.items():
            alter(f"{label}, of the same number", (topic, moves), allow_replication_factor_change=False)


@scenario([2])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 45, run.version, bytes(20), flexible=True)
