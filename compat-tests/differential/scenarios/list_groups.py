"""ListGroups: filters by state and type; other scenarios' groups are there too, so only this one's are compared."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import joined, stable
from differential.scenario import scenario
from differential.scenarios.offset_fetch import commit
from kbroker.protocol.list_groups import ListGroupsRequest

VERSIONS = range(6)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic = run.topic()
    joined(run, run.name("joining"))
    stable(run, run.name("stable"))
    stable(run, run.name("connect"), protocol_type="connect")
    commit(run, run.name("simple"), topic, 0, 5)

    def mine(answer: Any) -> None:
        answer.groups = [each for each in answer.groups if each.group_id.startswith(run.name())]

    def ask(label: str, **given: list[str]) -> None:
        run.ask(label, ListGroupsRequest, only=mine, **given)

    ask("all")
    if run.version >= 4:
        for states in (
            ["Stable"],
            ["Empty", "CompletingRebalance"],
            ["Dead"],
            ["stable"],
            ["Nonsense"],
            [""],
            ["Stable", "Stable"],
        ):
            ask(f"in states {states}", states_filter=states)
    if run.version >= 5:
        for types in (
            ["classic"],
            ["consumer"],
            ["Classic"],
            ["share"],
            ["nonsense"],
            ["classic", "consumer"],
            [""],
        ):
            ask(f"of types {types}", types_filter=types)
        ask("of a state and a type", states_filter=["Stable"], types_filter=["classic"])


@scenario([6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 16, run.version, bytes(20), flexible=True)
