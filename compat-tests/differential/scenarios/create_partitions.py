"""CreatePartitions: more, fewer, assigned, validated alone."""

from typing import Any

from differential.conversation import Conversation, ready
from differential.scenario import scenario
from kbroker.protocol.create_partitions import CreatePartitionsRequest

VERSIONS = range(4)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic = run.topic(partitions=2)

    def ask(label: str, *topics: dict[str, Any], **given: Any) -> None:
        run.ask(label, CreatePartitionsRequest, **{"topics": list(topics), "timeout_ms": 5000, **given})

    def to(name: str, count: int, assignments: list[list[int]] | None = None) -> dict[str, Any]:
        given = None if assignments is None else [{"broker_ids": brokers} for brokers in assignments]
        return {"name": name, "count": count, "assignments": given}

    for count in (2, 1, 0, -1):
        ask(f"from 2 to {count}", to(topic, count))
    ask("validated alone", to(topic, 5), validate_only=True)
    ask("from 2 to 3", to(topic, 3))
    run.metadata(topic, lambda answer: ready(answer, 3))
    ask("assigned", to(topic, 5, [[1], [1]]))
    run.metadata(topic, lambda answer: ready(answer, 5))
    ask("too few assigned", to(topic, 8, [[1]]))
    ask("too many assigned", to(topic, 6, [[1], [1]]))
    ask("none assigned", to(topic, 6, []))
    ask("an unknown broker", to(topic, 6, [[7]]))
    ask("no replicas", to(topic, 6, [[]]))
    ask("two replicas", to(topic, 6, [[1, 1]]))
    ask("unknown topic", to(run.name("nowhere"), 3))
    ask("invalid name", to("a/b", 3))
    ask("empty name", to("", 3))
    ask("none")
    ask("the same twice", to(topic, 6), to(topic, 7))
    ask("known and unknown", to(run.name("nowhere"), 3), to(topic, 6))
    ask("timeout 0", to(topic, 9), timeout_ms=0, validate_only=True)


@scenario([4])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 37, run.version, bytes(20), flexible=True)
