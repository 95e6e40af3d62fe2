"""Heartbeat: who may, and what they are told."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import joined, joining, stable
from differential.scenario import scenario
from kbroker.protocol.heartbeat import HeartbeatRequest

VERSIONS = range(5)


def beat(run: Conversation, label: str, group: str, **given: Any) -> Any:
    return run.ask(
        label, HeartbeatRequest, **{"group_id": group, "generation_id": 1, "member_id": "nobody", **given}
    )


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    group = run.name()
    beat(run, "empty group id", "")
    beat(run, "unknown group", group)
    member = joined(run, group).member_id
    beat(run, "before sync", group, member_id=member)
    group = run.name("stable")
    member = stable(run, group).member_id
    beat(run, "when stable", group, member_id=member)
    beat(run, "unknown member", group)
    beat(run, "empty member id", group, member_id="")
    for generation in (0, 2, -1):
        beat(run, f"generation {generation}", group, member_id=member, generation_id=generation)
    joining(run, group)
    beat(run, "while another joins", group, member_id=member)
    beat(run, "while another joins, of another generation", group, member_id=member, generation_id=2)
    group = run.name("static")
    member = stable(run, group, instance="A").member_id
    beat(run, "a static member without its instance id", group, member_id=member)
    if run.version >= 3:
        beat(run, "a static member", group, member_id=member, group_instance_id="A")
        beat(run, "fenced", group, member_id="old", group_instance_id="A")
        beat(run, "an instance id nobody has", group, member_id=member, group_instance_id="X")
        beat(
            run,
            "fenced, of another generation",
            group,
            member_id="old",
            group_instance_id="A",
            generation_id=7,
        )


@scenario([5])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 12, run.version, bytes(20), flexible=True)
