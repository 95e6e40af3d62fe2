"""ElectLeaders: every partition has its only possible leader already."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.elect_leaders import ElectLeadersRequest

VERSIONS = range(3)
PREFERRED, UNCLEAN = 0, 1


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic, other = run.topic(partitions=3), run.topic("other")

    def mine(answer: Any) -> None:
        answer.replica_election_results = sorted(
            (
                each
                for each in answer.replica_election_results
                if each.topic.startswith((run.name(), "a/b")) or not each.topic
            ),
            key=lambda each: each.topic,
        )

    def ask(label: str, *named: tuple[str, list[int]], **given: Any) -> None:
        asked = [{"topic": name, "partitions": partitions} for name, partitions in named]
        run.ask(label, ElectLeadersRequest, only=mine, **{"topic_partitions": asked, **given})

    ask("one partition", (topic, [0]))
    ask("partitions, not in order", (topic, [2, 0, 1]))
    ask("two topics", (topic, [1]), (other, [0]))
    ask("the same partition twice", (topic, [0, 0]))
    ask("the same topic twice", (topic, [0]), (topic, [1]))
    ask("the same topic twice, another between", (topic, [0]), (other, [0]), (topic, [1]))
    ask("a topic without partitions", (topic, []))
    ask("unknown and negative partitions", (topic, [3, -1]))
    ask("unknown and known partitions", (topic, [3, 0]))
    ask("unknown topic", (run.name("nowhere"), [0]))
    ask("unknown and known topics", (run.name("nowhere"), [0]), (topic, [0]))
    ask("invalid name", ("a/b", [0]))
    ask("empty name", ("", [0]))
    ask("no topic")
    ask("all partitions", topic_partitions=None)
    ask("timeout 0", (topic, [0]), timeout_ms=0)
    ask("negative timeout", (topic, [0]), timeout_ms=-1)
    if run.version >= 1:
        for kind in (UNCLEAN, 2, -1, 127):
            ask(f"election type {kind}", (topic, [0]), (run.name("nowhere"), [0]), election_type=kind)
            ask(f"election type {kind}, all partitions", election_type=kind, topic_partitions=None)
            ask(f"election type {kind}, no topic", election_type=kind)


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 43, run.version, bytes(20), flexible=True)
