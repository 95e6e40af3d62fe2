"""What each request about groups needs, and what is answered without: a table for each API, which bears its name."""

from typing import Any

from differential.authorization import OPEN, table
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.authorization_topics import topics
from differential.scenarios.offset_fetch import commit
from kbroker.protocol.delete_groups import DeleteGroupsRequest
from kbroker.protocol.describe_groups import DescribeGroupsRequest
from kbroker.protocol.find_coordinator import FindCoordinatorRequest
from kbroker.protocol.heartbeat import HeartbeatRequest
from kbroker.protocol.join_group import JoinGroupRequest
from kbroker.protocol.leave_group import LeaveGroupRequest
from kbroker.protocol.list_groups import ListGroupsRequest
from kbroker.protocol.offset_commit import OffsetCommitRequest
from kbroker.protocol.offset_delete import OffsetDeleteRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest
from kbroker.protocol.sync_group import SyncGroupRequest


def made(run: Conversation) -> None:
    """Make both groups, again if they are there no more."""
    groups(run)


def groups(run: Conversation) -> tuple[str, str]:
    """One that not everybody may use, and one that begins with OPEN; both have committed offsets of two topics."""
    both = run.name(), f"{OPEN}{run.name()}"
    for topic in topics(run):
        for group in both:
            commit(run, group, topic, 0, 5)
    return both


@scenario((2, 7, 10), guarded=True)
def offset_commit(run: Conversation) -> None:
    part = {"partition_index": 0, "committed_offset": 5, "committed_metadata": ""}
    both = topics(run)
    asked = [
        {**run.called(name, ids_from=10), "partitions": [part, {**part, "partition_index": 9}]}
        for name in both
    ]
    if run.version < 10:
        asked.append({"name": run.name("nowhere"), "partitions": [part]})
    else:
        asked.append({"topic_id": b"\7" * 16, "partitions": [part]})
    given = {"generation_id_or_member_epoch": -1, "member_id": "", "topics": asked}
    table(run, "a group", OffsetCommitRequest, group_id=run.name(), **given)
    table(run, "a group that is open", OffsetCommitRequest, group_id=f"{OPEN}{run.name()}", **given)
    given["topics"] = asked[:1]
    table(run, "one topic", OffsetCommitRequest, group_id=f"{OPEN}{run.name()}", **given)
    table(run, "no group", OffsetCommitRequest, group_id="", **given)
    given |= {"generation_id_or_member_epoch": 3, "member_id": "nobody"}
    table(run, "by nobody", OffsetCommitRequest, group_id=f"{OPEN}{run.name()}", **given)


@scenario((1, 2, 5, 7, 8, 9, 10), guarded=True)
def offset_fetch(run: Conversation) -> None:
    both = groups(run)
    names = (run.name(), f"{OPEN}{run.name()}", run.name("nowhere"))
    if run.version >= 10:
        asked = [{"topic_id": run.topic_id(name), "partition_indexes": [0, 9]} for name in names[:2]]
        asked.append({"topic_id": b"\7" * 16, "partition_indexes": [0]})
    else:
        asked = [{"name": name, "partition_indexes": [0, 9]} for name in names]

    def ask(label: str, topics: list[dict[str, Any]] | None) -> None:
        if run.version < 8:
            for group in both:
                table(run, f"{label}, of {group[:4]}", OffsetFetchRequest, group_id=group, topics=topics)
        else:
            wanted = [{"group_id": group, "topics": topics} for group in (*both, run.name("nobody"))]
            table(run, label, OffsetFetchRequest, groups=wanted)

    ask("three topics", asked)
    if run.version >= 2:
        ask("all topics", None)


@scenario((0, 1, 3, 4, 6), guarded=True)
def find_coordinator(run: Conversation) -> None:
    def without_share_groups(answer: Any) -> None:  # which have a coordinator before long
        for found in answer.coordinators:
            if found.error_code in (0, 15) and ":" in found.key:
                found.error_code, found.node_id, found.host, found.port = 15, -1, "", -1

    for kind in (0, 1, 2, 9):
        keys = (
            (run.name(), f"{OPEN}{run.name()}") if kind != 2 else (f"{run.name()}:AAAAAAAAAAAAAAAAAAAAAQ:0",)
        )
        if run.version >= 4:
            given = {"key_type": kind, "coordinator_keys": list(keys)}
            table(run, f"type {kind}", FindCoordinatorRequest, only=without_share_groups, **given)
        elif kind == 0 or run.version:
            for key in keys:
                given = {"key_type": kind} if run.version else {}
                table(run, f"type {kind}, {key[:4]}", FindCoordinatorRequest, key=key, **given)


def ask_member(run: Conversation, request: type, **fields: Any) -> None:
    """A request of a member that isn't one."""
    for label, group in (("a group", run.name()), ("an open group", f"{OPEN}{run.name()}"), ("no group", "")):
        table(run, label, request, group_id=group, **fields)


@scenario((0, 4, 5, 9), guarded=True)
def join_group(run: Conversation) -> None:
    ask_member(
        run,
        JoinGroupRequest,
        session_timeout_ms=1,
        rebalance_timeout_ms=1,
        member_id="nobody",
        protocol_type="consumer",
        protocols=[{"name": "range", "metadata": b""}],
    )


@scenario((0, 4), guarded=True)
def heartbeat(run: Conversation) -> None:
    ask_member(run, HeartbeatRequest, generation_id=1, member_id="nobody")


@scenario((0, 3, 5), guarded=True)
def sync_group(run: Conversation) -> None:
    more = {"protocol_type": "consumer", "protocol_name": "range"} if run.version >= 5 else {}
    ask_member(run, SyncGroupRequest, generation_id=1, member_id="nobody", assignments=[], **more)
    if run.version >= 5:
        table(
            run,
            "without a protocol",
            SyncGroupRequest,
            group_id=run.name(),
            generation_id=1,
            member_id="nobody",
        )


@scenario((0, 2, 3, 5), guarded=True)
def leave_group(run: Conversation) -> None:
    more = {"members": [{"member_id": "nobody"}]} if run.version >= 3 else {"member_id": "nobody"}
    ask_member(run, LeaveGroupRequest, **more)


@scenario((0, 3, 5, 6), guarded=True)
def describe_groups(run: Conversation) -> None:
    names = [*groups(run), run.name("nobody")]
    table(run, "three groups", DescribeGroupsRequest, groups=names)
    if run.version >= 3:
        more = {"include_authorized_operations": True}
        table(run, "authorized operations", DescribeGroupsRequest, groups=names, **more)


@scenario((0, 4, 5), guarded=True)
def list_groups(run: Conversation) -> None:
    both = groups(run)

    def mine(answer: Any) -> None:
        answer.groups = [each for each in answer.groups if each.group_id in both]

    table(run, "all", ListGroupsRequest, only=mine)


@scenario((0, 2), guarded=True)
def delete_groups(run: Conversation) -> None:
    both = groups(run)
    table(run, "those that are not there", DeleteGroupsRequest, groups_names=[run.name("nobody")])
    table(
        run,
        "two groups",
        DeleteGroupsRequest,
        before=lambda: made(run),
        groups_names=list(both),
    )


@scenario([0], guarded=True)
def offset_delete(run: Conversation) -> None:
    both = groups(run)
    names = (run.name(), f"{OPEN}{run.name()}", run.name("nowhere"))
    asked = [{"name": name, "partitions": [{"partition_index": 0}, {"partition_index": 9}]} for name in names]
    for label, group in (
        ("a group", both[0]),
        ("an open group", both[1]),
        ("unknown", run.name("x")),
        ("none", ""),
    ):
        table(run, label, OffsetDeleteRequest, group_id=group, topics=asked)
    table(run, "one topic", OffsetDeleteRequest, group_id=both[1], topics=asked[:1])
    table(run, "an unknown one", OffsetDeleteRequest, group_id=both[1], topics=asked[2:])
