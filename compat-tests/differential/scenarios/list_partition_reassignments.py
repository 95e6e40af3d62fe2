"""ListPartitionReassignments: on one node none is ever under way (KIP-455)."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.list_partition_reassignments import ListPartitionReassignmentsRequest


@scenario([0])
def all_of_it(run: Conversation) -> None:
    topic = run.topic(partitions=2)

    def ask(label: str, *topics: tuple[str, list[int]], **given: Any) -> None:
        named = [{"name": name, "partition_indexes": indexes} for name, indexes in topics]
        run.ask(label, ListPartitionReassignmentsRequest, **{"topics": named, **given})

    ask("all", topics=None)
    ask("none")
    ask("a topic", (topic, [0, 1]))
    ask("no partition", (topic, []))
    ask("unknown partitions", (topic, [0, 7, -1]))
    ask("unknown topic", (run.name("nowhere"), [0]))
    ask("empty name", ("", [0]))
    ask("the same topic twice", (topic, [0]), (topic, [0]))
    for timeout in (0, -1):
        ask(f"time-out {timeout}", (topic, [0]), timeout_ms=timeout)
        ask(f"all, time-out {timeout}", topics=None, timeout_ms=timeout)


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 46, run.version, bytes(20), flexible=True)
