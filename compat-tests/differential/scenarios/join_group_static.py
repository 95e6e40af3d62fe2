"""Static members (KIP-345): they return, are fenced, and are removed by their instance id."""

import time

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.join_group import (
    describe,
    entering,
    heartbeat,
    join,
    sync,
    sync_fields,
)
from kbroker.protocol.leave_group import LeaveGroupRequest
from kbroker.protocol.sync_group import SyncGroupRequest

VERSIONS = range(5, 10)


@scenario(VERSIONS)
def static_members(run: Conversation) -> None:
    group = run.name()
    a, b = run.first, run.client()
    first = join(run, "A joins at once", group, group_instance_id="A", metadata=b"A")
    given = [{"member_id": first.member_id, "assignment": b"all"}]
    sync(run, "A syncs", group, first, group_instance_id="A", assignments=given)
    join(run, "an unknown member id of A", group, group_instance_id="A", member_id="nobody")
    join(
        run,
        "an instance that does not exist, with a member id",
        group,
        group_instance_id="X",
        member_id="nobody",
    )
    second = join(run, "A returns with no member id", group, client=b, group_instance_id="A", metadata=b"A")
    heartbeat(run, "the old A is fenced", group, first, group_instance_id="A")
    heartbeat(run, "the old A without its instance", group, first)
    sync(run, "the old A syncs", group, first, group_instance_id="A")
    join(run, "the old A joins", group, group_instance_id="A", member_id=first.member_id)
    heartbeat(run, "the new A", group, second, group_instance_id="A")
    sync(run, "the new A syncs", group, second, group_instance_id="A")
    heartbeat(run, "the new A is alive", group, second, group_instance_id="A")
    describe(run, "after the replacement", group)
    third = join(
        run, "A returns with other metadata", group, client=b, group_instance_id="A", metadata=b"A changed"
    )
    given = [{"member_id": third.member_id, "assignment": b"again"}]
    sync(run, "and syncs", group, third, group_instance_id="A", assignments=given)
    joining = entering(run, "B, dynamic, joins", group, b, metadata=b"B")
    fourth = join(run, "A rejoins", group, group_instance_id="A", member_id=third.member_id, metadata=b"A")
    joining.answer()
    a.ask(
        "A is removed by its instance id", LeaveGroupRequest, version=3, group_id=group,
        members=[{"member_id": "", "group_instance_id": "A"}],
    )  # fmt: skip
    heartbeat(run, "A was removed", group, fourth, group_instance_id="A")
    heartbeat(run, "without its instance", group, fourth)


@scenario(VERSIONS)
def static_follower_returns(run: Conversation) -> None:
    group = run.name()
    a, b = run.first, run.client()
    first = join(run, "A joins", group, group_instance_id="A", metadata=b"A")
    joining = entering(run, "B joins", group, b, group_instance_id="B", metadata=b"B")
    again = join(run, "A rejoins", group, group_instance_id="A", member_id=first.member_id, metadata=b"A")
    second = joining.answer()
    syncing = b.send(
        "B syncs", SyncGroupRequest, version=3, **sync_fields(group, second, group_instance_id="B")
    )
    time.sleep(0.03)
    shares = [
        {"member_id": again.member_id, "assignment": b"for A"},
        {"member_id": second.member_id, "assignment": b"for B"},
    ]
    sync(run, "A syncs", group, again, group_instance_id="A", assignments=shares)
    syncing.answer()
    back = join(run, "B returns", group, client=b, group_instance_id="B", metadata=b"B")
    sync(run, "B gets its share", group, back, client=b, group_instance_id="B")
    heartbeat(run, "A is left alone", group, again, group_instance_id="A")
    leader = join(run, "the leader returns", group, client=a, group_instance_id="A", metadata=b"A")
    sync(run, "the leader gets its share", group, leader, group_instance_id="A")
    describe(run, "stable", group)
