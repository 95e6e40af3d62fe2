"""LeaveGroup: one member or several, dynamic and static."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import stable
from differential.scenario import scenario
from kbroker.protocol.describe_groups import DescribeGroupsRequest
from kbroker.protocol.leave_group import LeaveGroupRequest

VERSIONS = range(6)


def leave(run: Conversation, label: str, group: str, *members: tuple[str, str | None]) -> Any:
    """Members are their member id and instance id; versions below 3 send only the first member id."""
    if run.version < 3:
        return run.ask(label, LeaveGroupRequest, group_id=group, member_id=members[0][0] if members else "")
    named = [{"member_id": member, "group_instance_id": instance} for member, instance in members]
    return run.ask(label, LeaveGroupRequest, group_id=group, members=named)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    group = run.name()
    leave(run, "empty group id", "", ("nobody", None))
    leave(run, "unknown group", group, ("nobody", None))
    leave(run, "unknown group, nobody named", group)
    member = stable(run, group).member_id
    leave(run, "unknown member", group, ("nobody", None))
    leave(run, "empty member id", group, ("", None))
    leave(run, "nobody named", group)
    if run.version >= 3:
        leave(run, "an instance id nobody has", group, ("", "X"))
        leave(run, "a member and an instance id nobody has", group, (member, "X"))
        leave(run, "two, one unknown", group, ("nobody", None), (member, None))
    else:
        leave(run, "the member", group, (member, None))
    leave(run, "again", group, (member, None))
    run.ask("the group is empty", DescribeGroupsRequest, version=5, groups=[group])
    group = run.name("static")
    member = stable(run, group, instance="A").member_id
    if run.version >= 3:
        leave(run, "a fenced static member", group, ("old", "A"))
        leave(run, "a static member, twice", group, (member, "A"), (member, "A"))
        member = stable(run, group, instance="A").member_id
        leave(run, "a static member by its instance id alone", group, ("", "A"))
        member = stable(run, group, instance="A").member_id
    leave(run, "a static member by its member id alone", group, (member, None))
    run.ask("the group", DescribeGroupsRequest, version=5, groups=[group])
    if run.version >= 5:
        member = stable(run, group).member_id
        given = [{"member_id": member, "reason": "because"}]
        run.ask("with a reason", LeaveGroupRequest, group_id=group, members=given)


@scenario([6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 13, run.version, bytes(20), flexible=True)
