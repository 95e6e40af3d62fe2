"""JoinGroup, and the walks of a group through rebalances that the other group APIs take part in."""

import time
from typing import Any

from differential.conversation import PATIENCE, Client, Conversation, Waiting
from differential.scenario import scenario
from kbroker.protocol.describe_groups import DescribeGroupsRequest
from kbroker.protocol.heartbeat import HeartbeatRequest
from kbroker.protocol.join_group import JoinGroupRequest
from kbroker.protocol.leave_group import LeaveGroupRequest
from kbroker.protocol.sync_group import SyncGroupRequest

VERSIONS = range(10)


def fields(group: str, **given: Any) -> dict[str, Any]:
    """The fields of a JoinGroup request; `metadata` stands for one protocol called range."""
    metadata = given.pop("metadata", b"m")
    return {
        "group_id": group,
        "session_timeout_ms": 10_000,
        "rebalance_timeout_ms": 10_000,
        "member_id": "",
        "protocol_type": "consumer",
        "protocols": [{"name": "range", "metadata": metadata}],
        **given,
    }


def join(run: Conversation, label: str, group: str, *, client: Client | None = None, **given: Any) -> Any:
    timeout = given.pop("timeout", PATIENCE)
    return (client or run.first).ask(label, JoinGroupRequest, timeout=timeout, **fields(group, **given))


def enter(run: Conversation, label: str, group: str, *, client: Client | None = None, **given: Any) -> Any:
    """Join as a new member: where the version wants the member id first, twice."""
    answer = join(run, label, group, client=client, **given)
    if answer.error_code == 79:
        answer = join(
            run, f"{label}, with the id", group, client=client, **{**given, "member_id": answer.member_id}
        )
    return answer


def entering(run: Conversation, label: str, group: str, client: Client, **given: Any) -> Waiting:
    """Join as a new member of a group that others have to rejoin: what waits is returned."""
    if run.version >= 4 and "group_instance_id" not in given:
        given["member_id"] = join(run, f"{label}: an id first", group, client=client, **given).member_id
    waiting = client.send(label, JoinGroupRequest, **fields(group, **given))
    time.sleep(0.03)  # it has to arrive before what other connections send next
    return waiting


def sync_fields(group: str, joined: Any, member: str = "", **given: Any) -> dict[str, Any]:
    """The fields of a SyncGroup request (v3) of one member."""
    return {
        "group_id": group,
        "generation_id": joined.generation_id,
        "member_id": member or joined.member_id,
        "assignments": [],
        **given,
    }


def sync(run: Conversation, label: str, group: str, joined: Any, **given: Any) -> Any:
    client = given.pop("client", run.first)
    return client.ask(label, SyncGroupRequest, version=3, **sync_fields(group, joined, **given))


def heartbeat(run: Conversation, label: str, group: str, joined: Any, **given: Any) -> Any:
    beat = {"group_id": group, "generation_id": joined.generation_id, "member_id": joined.member_id, **given}
    return run.ask(label, HeartbeatRequest, version=3, **beat)


def describe(run: Conversation, label: str, group: str) -> Any:
    return run.ask(label, DescribeGroupsRequest, version=5, groups=[group])


@scenario(VERSIONS)
def alone(run: Conversation) -> None:
    group = run.name()
    first = enter(run, "join", group)
    describe(run, "before sync", group)
    given = [{"member_id": first.member_id, "assignment": b"all"}]
    sync(run, "sync", group, first, assignments=given)
    heartbeat(run, "heartbeat", group, first)
    describe(run, "stable", group)
    second = join(run, "the leader joins again", group, member_id=first.member_id)
    heartbeat(run, "heartbeat of the last generation", group, first)
    heartbeat(run, "heartbeat before sync", group, second)
    third = join(run, "again, with other metadata", group, member_id=first.member_id, metadata=b"other")
    sync(run, "sync without assignments", group, third)
    describe(run, "after that", group)
    run.ask("leave", LeaveGroupRequest, version=2, group_id=group, member_id=first.member_id)
    heartbeat(run, "heartbeat after leaving", group, third)
    describe(run, "empty", group)
    join(run, "the old id joins", group, member_id=first.member_id)
    enter(run, "a new member", group)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    group = run.name()
    join(run, "empty group id", "")
    join(run, "session timeout below the minimum", group, session_timeout_ms=299)
    join(run, "session timeout above the maximum", group, session_timeout_ms=1_800_001)
    join(run, "session timeout 0", group, session_timeout_ms=0)
    join(run, "negative session timeout", group, session_timeout_ms=-1)
    join(run, "an unknown member of an unknown group", group, member_id="nobody")
    join(run, "no protocols", group, protocols=[])
    join(run, "no protocol type", group, protocol_type="")
    join(run, "neither", group, protocols=[], protocol_type="")
    enter(run, "the first member", group)
    join(run, "an unknown member", group, member_id="nobody")
    join(run, "another protocol type", group, protocol_type="connect")
    join(run, "another protocol", group, protocols=[{"name": "sticky", "metadata": b""}])
    join(run, "no protocols in a group that exists", group, protocols=[])
    twice = [{"name": "range", "metadata": b"1"}, {"name": "range", "metadata": b"2"}]
    enter(run, "the same protocol twice", run.name("twice"), protocols=twice, timeout=0.3)
    enter(run, "no metadata", run.name("bare"), metadata=b"")
    enter(run, "an empty protocol name", run.name("unnamed"), protocols=[{"name": "", "metadata": b"m"}])
    enter(run, "not a consumer", run.name("connect"), protocol_type="connect")
    enter(run, "rebalance timeout 0", run.name("hasty"), rebalance_timeout_ms=0)
    enter(run, "negative rebalance timeout", run.name("negative"), rebalance_timeout_ms=-1)
    enter(run, "a name of spaces", "  " + run.name("spaces"))
    if run.version >= 8:
        enter(run, "with a reason", run.name("reason"), reason="because")


@scenario(VERSIONS)
def two_members(run: Conversation) -> None:
    group = run.name()
    a, b = run.first, run.client()
    first = enter(run, "A joins", group, metadata=b"A")
    sync(
        run,
        "A syncs",
        group,
        first,
        assignments=[{"member_id": first.member_id, "assignment": b"A gets all"}],
    )
    joining = entering(run, "B joins", group, b, metadata=b"B")
    heartbeat(run, "A is told to rejoin", group, first)
    describe(run, "preparing", group)
    sync(run, "A syncs while the group prepares", group, first)
    again = join(run, "A rejoins", group, member_id=first.member_id, metadata=b"A2")
    second = joining.answer()
    describe(run, "completing", group)
    syncing = b.send("B syncs", SyncGroupRequest, version=3, **sync_fields(group, second))
    time.sleep(0.03)
    shares = [
        {"member_id": first.member_id, "assignment": b"A's half"},
        {"member_id": second.member_id, "assignment": b"B's half"},
    ]
    sync(run, "A syncs for both", group, again, assignments=shares)
    syncing.answer()
    describe(run, "stable", group)
    sync(run, "B syncs again", group, second, client=b)
    sync(run, "B syncs again with assignments", group, second, client=b, assignments=shares[:1])
    join(run, "B rejoins as it was", group, client=b, member_id=second.member_id, metadata=b"B")
    heartbeat(run, "A may stay", group, again)
    waits = b.send(
        "B rejoins changed", JoinGroupRequest, **fields(group, member_id=second.member_id, metadata=b"B2")
    )
    time.sleep(0.03)
    heartbeat(run, "A has to rejoin", group, again)
    a.ask("A leaves", LeaveGroupRequest, version=2, group_id=group, member_id=first.member_id)
    last = waits.answer()
    sync(
        run,
        "B syncs alone",
        group,
        last,
        client=b,
        assignments=[{"member_id": second.member_id, "assignment": b"all"}],
    )
    b.ask("B leaves", LeaveGroupRequest, version=2, group_id=group, member_id=second.member_id)
    describe(run, "empty", group)


@scenario(VERSIONS)
def choice_of_protocol(run: Conversation) -> None:
    group = run.name()
    a, b = run.first, run.client()
    both = [{"name": "range", "metadata": b"ar"}, {"name": "sticky", "metadata": b"as"}]
    first = enter(run, "A prefers range", group, protocols=both)
    only = [{"name": "sticky", "metadata": b"bs"}, {"name": "other", "metadata": b"bo"}]
    joining = entering(run, "B knows only sticky", group, b, protocols=only)
    again = join(run, "A rejoins", group, client=a, member_id=first.member_id, protocols=both)
    second = joining.answer()
    join(run, "C knows neither", group, protocols=[{"name": "other", "metadata": b""}])
    if run.version >= 4:
        join(run, "C knows range", group, protocols=[{"name": "range", "metadata": b""}])
    syncing = b.send("B syncs", SyncGroupRequest, version=3, **sync_fields(group, second))
    time.sleep(0.03)
    sync(
        run,
        "A gives only itself something",
        group,
        again,
        assignments=[{"member_id": again.member_id, "assignment": b"x"}],
    )
    syncing.answer()
    describe(run, "stable", group)


@scenario(VERSIONS)
def full_group(run: Conversation) -> None:
    """`group.max.size` is 3."""
    group = run.name()
    clients = [run.first, run.client(), run.client()]
    first = enter(run, "the first", group, metadata=b"1")
    second = entering(run, "the second", group, clients[1], metadata=b"2")
    third = entering(run, "the third", group, clients[2], metadata=b"3")
    more = run.client()
    if run.version >= 4:  # an id that is not used in time frees its place
        join(run, "a fourth", group, client=more, metadata=b"4", session_timeout_ms=300)
    again = join(run, "the first again", group, member_id=first.member_id, metadata=b"1")
    second.answer()
    third.answer()
    join(run, "a fourth when all are in", group, client=more, metadata=b"4")
    heartbeat(run, "the first is alive", group, again)


@scenario(range(4, 10))
def pending(run: Conversation) -> None:
    """Members that were given an id and have not used it yet."""
    group = run.name()
    first = join(run, "an id", group)
    describe(run, "nobody has joined", group)
    heartbeat(run, "its heartbeat", group, first, generation_id=0)
    sync(run, "its sync", group, first, generation_id=0)
    run.ask("it leaves", LeaveGroupRequest, version=2, group_id=group, member_id=first.member_id)
    join(run, "the id after it left", group, member_id=first.member_id)
    second = join(run, "another id, with other fields", group)
    given = {"member_id": second.member_id, "session_timeout_ms": 20_000, "metadata": b"n"}
    join(run, "it joins with others", group, **given)


@scenario(VERSIONS)
def emptied(run: Conversation) -> None:
    """A group all members have left takes any protocol type."""
    group = run.name()
    first = enter(run, "the first", group)
    run.ask("it leaves", LeaveGroupRequest, version=2, group_id=group, member_id=first.member_id)
    protocols = [{"name": "other", "metadata": b"o"}]
    second = enter(run, "one of another type", group, protocol_type="connect", protocols=protocols)
    describe(run, "the group", group)
    assignments = [{"member_id": second.member_id, "assignment": b"all"}]
    sync(run, "it syncs", group, second, assignments=assignments)
    describe(run, "stable", group)


@scenario([3, 9])
def members_that_vanish(run: Conversation) -> None:
    group = run.name()
    a, b = run.first, run.client()
    first = enter(run, "A joins with a short session", group, session_timeout_ms=300, metadata=b"A")
    given = [{"member_id": first.member_id, "assignment": b"all"}]
    sync(run, "A syncs", group, first, assignments=given)
    heartbeat(run, "A lives", group, first)
    time.sleep(0.6)
    heartbeat(run, "A's session has ended", group, first)
    describe(run, "empty", group)
    second = enter(run, "B joins", group, client=b, metadata=b"B", rebalance_timeout_ms=400)
    joining = entering(run, "C joins, B does not rejoin", group, a, metadata=b"C", rebalance_timeout_ms=400)
    heartbeat_after = joining.answer()
    heartbeat(run, "B was left behind", group, second)
    heartbeat(run, "C went on", group, heartbeat_after)
    describe(run, "C alone", group)


@scenario([10, -1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 11, run.version, bytes(20), flexible=run.version > 5)
