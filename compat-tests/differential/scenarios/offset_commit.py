"""OffsetCommit: simple commits, members' commits, and every refusal."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import joined, joining, stable
from differential.scenario import scenario
from kbroker.protocol.offset_commit import OffsetCommitRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest

VERSIONS = range(2, 11)


def part(partition: int = 0, offset: int = 5, metadata: str | None = "", **given: Any) -> dict[str, Any]:
    return {"partition_index": partition, "committed_offset": offset, "committed_metadata": metadata, **given}


def called(run: Conversation, topic: str | bytes) -> dict[str, Any]:
    return {"topic_id": topic} if isinstance(topic, bytes) else run.called(topic, ids_from=10)


def commit(
    run: Conversation, label: str, group: str, topic: str | bytes, *parts: dict[str, Any], **given: Any
) -> Any:
    topics = [{**called(run, topic), "partitions": list(parts) or [part()]}]
    asked = {
        "group_id": group,
        "generation_id_or_member_epoch": -1,
        "member_id": "",
        "topics": topics,
        **given,
    }
    return run.ask(label, OffsetCommitRequest, **asked)


def committed(run: Conversation, group: str) -> None:
    run.ask("what is committed", OffsetFetchRequest, version=7, group_id=group, topics=None)


@scenario(VERSIONS)
def simple(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=3)
    commit(run, "the first commit makes the group", group, topic, part(0, 5), part(1, 7, "about it"))
    commit(run, "null metadata", group, topic, part(0, 6, None))
    commit(run, "offset 0", group, topic, part(2, 0))
    commit(run, "a negative offset", group, topic, part(2, -1))
    commit(run, "a very negative offset", group, topic, part(2, -5))
    commit(run, "an offset beyond the log", group, topic, part(0, 1 << 40))
    commit(run, "back", group, topic, part(0, 1))
    commit(run, "unknown and negative partitions", group, topic, part(3), part(-1), part(0))
    commit(run, "the same partition twice", group, topic, part(0, 10), part(0, 11))
    commit(run, "4096 bytes of metadata", group, topic, part(0, 1, "m" * 4096))
    commit(run, "4097 bytes of metadata", group, topic, part(0, 1, "m" * 4097), part(1, 9))
    run.ask("no topic", OffsetCommitRequest, group_id=group, generation_id_or_member_epoch=-1, topics=[])
    none = [{**called(run, topic), "partitions": []}]
    run.ask(
        "no partition", OffsetCommitRequest, group_id=group, generation_id_or_member_epoch=-1, topics=none
    )
    if run.version >= 6:
        commit(run, "with a leader epoch", group, topic, part(0, 2, committed_leader_epoch=3))
    if run.version < 5:
        commit(run, "with a retention time", group, topic, part(1, 3), retention_time_ms=100_000)
    if run.version >= 10:
        commit(run, "unknown topic id", group, b"\7" * 16, part())
        commit(run, "zero topic id", group, bytes(16), part())
    else:
        commit(run, "unknown topic", group, run.name("nowhere"))
        commit(run, "invalid topic name", group, "a/b")
        commit(run, "empty topic name", group, "")
    committed(run, group)
    commit(run, "empty group id", "", topic)


@scenario(VERSIONS)
def by_members(run: Conversation) -> None:
    group, topic = run.name(), run.topic()

    def by(label: str, member: str, generation: int, **given: Any) -> None:
        commit(
            run,
            label,
            given.pop("group", group),
            topic,
            member_id=member,
            generation_id_or_member_epoch=generation,
            **given,
        )

    by("a member of an unknown group", "nobody", 1)
    by("a generation in an unknown group", "", 1)
    by("a member without a generation in an unknown group", "nobody", -1)
    member = joined(run, group).member_id
    by("before sync", member, 1)
    group = run.name("preparing")
    member = stable(run, group).member_id
    joining(run, group)
    by("while another joins", member, 1)
    by("while another joins, generation 2", member, 2)
    group = run.name("stable")
    member = stable(run, group).member_id
    by("when stable", member, 1)
    by("unknown member", "nobody", 1)
    by("generation 0", member, 0)
    by("generation 2", member, 2)
    by("no generation", member, -1)
    by("no member", "", 1)
    by("neither", "", -1)
    by("a negative generation", member, -2)
    static = run.name("static")
    member = stable(run, static, instance="A").member_id
    by("a static member without its instance id", member, 1, group=static)
    if run.version >= 7:
        by("a static member", member, 1, group=static, group_instance_id="A")
        by("fenced", "old", 1, group=static, group_instance_id="A")
        by("an instance id nobody has", member, 1, group=static, group_instance_id="X")
    committed(run, group)


@scenario([1, 11])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 8, run.version, bytes(20), flexible=run.version > 7)
