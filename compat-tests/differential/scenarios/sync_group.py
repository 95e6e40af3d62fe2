"""SyncGroup: every wrong field, and the right ones (rebalances of several members are in join_group.py)."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import joined, joining, stable
from differential.scenario import scenario
from kbroker.protocol.sync_group import SyncGroupRequest

VERSIONS = range(6)


def sync(run: Conversation, label: str, group: str, **given: Any) -> Any:
    asked = {"group_id": group, "generation_id": 1, "member_id": "nobody", "assignments": [], **given}
    if run.version >= 5:
        asked = {"protocol_type": "consumer", "protocol_name": "range", **asked}
    return run.ask(label, SyncGroupRequest, **asked)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    group = run.name()
    sync(run, "empty group id", "")
    sync(run, "unknown group", group)
    member = joined(run, group).member_id
    sync(run, "unknown member", group)
    sync(run, "empty member id", group, member_id="")
    for generation in (0, 2, -1):
        sync(run, f"generation {generation}", group, member_id=member, generation_id=generation)
    if run.version >= 3:
        sync(run, "an instance id nobody has", group, member_id=member, group_instance_id="X")
    if run.version >= 5:
        sync(run, "another protocol type", group, member_id=member, protocol_type="connect")
        sync(run, "another protocol name", group, member_id=member, protocol_name="sticky")
        sync(run, "no protocol type", group, member_id=member, protocol_type=None)
        sync(run, "no protocol name", group, member_id=member, protocol_name=None)
        sync(run, "neither", group, member_id=member, protocol_type=None, protocol_name=None)


@scenario(VERSIONS)
def accepted(run: Conversation) -> None:
    group = run.name()
    member = joined(run, group).member_id
    given = [
        {"member_id": member, "assignment": b"mine"},
        {"member_id": "stranger", "assignment": b"not mine"},
    ]
    sync(run, "an assignment for a stranger too", group, member_id=member, assignments=given)
    sync(run, "again when stable", group, member_id=member)
    joining(run, group)
    sync(run, "while another joins", group, member_id=member)
    twice = run.name("twice")
    member = joined(run, twice).member_id
    given = [{"member_id": member, "assignment": b"one"}, {"member_id": member, "assignment": b"two"}]
    sync(run, "two assignments for one member", twice, member_id=member, assignments=given)
    other = run.name("static")
    member = stable(run, other, instance="A").member_id
    if run.version >= 3:
        sync(run, "a static member", other, member_id=member, group_instance_id="A")
        sync(run, "a static member that is fenced", other, member_id="old", group_instance_id="A")
    sync(run, "a static member without its instance id", other, member_id=member)


@scenario([6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 14, run.version, bytes(20), flexible=True)
