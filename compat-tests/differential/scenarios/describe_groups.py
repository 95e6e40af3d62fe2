"""DescribeGroups: every state of a group, and groups that do not exist."""

from differential.conversation import Conversation
from differential.groups import joined, stable, subscription
from differential.scenario import scenario
from differential.scenarios.offset_fetch import commit
from kbroker.protocol.describe_groups import DescribeGroupsRequest
from kbroker.protocol.leave_group import LeaveGroupRequest

VERSIONS = range(7)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic = run.topic()

    def describe(label: str, *groups: str) -> None:
        run.ask(label, DescribeGroupsRequest, groups=list(groups))

    describe("unknown group", run.name("nobody"))
    describe("empty group id", "")
    describe("no group")
    joining, steady, simple = run.name("joining"), run.name("stable"), run.name("simple")
    joined(run, joining, metadata=subscription(topic))
    describe("before sync", joining)
    member = stable(run, steady, metadata=subscription(topic), instance="A")
    describe("stable, a static member", steady)
    commit(run, simple, topic, 0, 5)
    describe("a group of offsets alone", simple)
    stable(run, run.name("connect"), protocol_type="connect")
    describe("another protocol type", run.name("connect"))
    describe("several, one of them twice and one unknown", steady, simple, run.name("nobody"), steady)
    run.first.quietly(LeaveGroupRequest, 2, group_id=steady, member_id=member.member_id)
    describe("after all have left", steady)
    if run.version >= 3:
        for group in (steady, run.name("nobody")):
            asked = {"groups": [group], "include_authorized_operations": True}
            run.ask("with authorized operations", DescribeGroupsRequest, **asked)


@scenario([7])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 15, run.version, bytes(20), flexible=True)
