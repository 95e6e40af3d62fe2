"""DeleteGroups: empty ones, those with members, those that are not there."""

from differential.conversation import Conversation
from differential.groups import joined, stable
from differential.scenario import scenario
from differential.scenarios.offset_fetch import commit
from kbroker.protocol.delete_groups import DeleteGroupsRequest
from kbroker.protocol.describe_groups import DescribeGroupsRequest
from kbroker.protocol.leave_group import LeaveGroupRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest

VERSIONS = range(3)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic = run.topic()

    def delete(label: str, *groups: str) -> None:
        run.ask(label, DeleteGroupsRequest, groups_names=list(groups))

    delete("unknown group", run.name("nobody"))
    delete("empty group id", "")
    delete("no group")
    group, simple = run.name(), run.name("simple")
    joined(run, run.name("joining"))
    delete("before sync", run.name("joining"))
    member = stable(run, group)
    delete("stable", group)
    run.first.quietly(LeaveGroupRequest, 2, group_id=group, member_id=member.member_id)
    commit(run, simple, topic, 0, 5)
    delete("empty, of offsets alone, and unknown", group, simple, run.name("nobody"))
    run.ask("its offsets", OffsetFetchRequest, version=7, group_id=simple, topics=None)
    run.ask("the group", DescribeGroupsRequest, version=5, groups=[group])
    delete("again", group)
    commit(run, simple, topic, 0, 5)
    delete("the same twice", simple, simple)


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 42, run.version, bytes(20), flexible=True)
