"""OffsetFetch: one group or several, all topics or some."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import stable
from differential.scenario import scenario
from kbroker.protocol.offset_commit import OffsetCommitRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest

VERSIONS = range(1, 11)

Topics = list[tuple[str | bytes, list[int]]]


def topics_of(run: Conversation, topics: Topics | None) -> list[dict[str, Any]] | None:
    if topics is None:
        return None
    return [
        {
            **({"topic_id": name} if isinstance(name, bytes) else run.called(name, ids_from=10)),
            "partition_indexes": partitions,
        }
        for name, partitions in topics
    ]


def fetch(run: Conversation, label: str, group: str, topics: Topics | None, **given: Any) -> Any:
    """Ask for one group's offsets, in the form of this version; fields of the group as `group_…`."""
    mine = {name.removeprefix("group_"): given.pop(name) for name in list(given) if name.startswith("group_")}
    asked = {"group_id": group, "topics": topics_of(run, topics), **mine}
    return run.ask(label, OffsetFetchRequest, **({"groups": [asked]} if run.version >= 8 else asked), **given)


def commit(run: Conversation, group: str, topic: str, partition: int, offset: int, **given: Any) -> None:
    part = {"partition_index": partition, "committed_offset": offset, **given}
    topics = [{"name": topic, "partitions": [part]}]
    run.first.quietly(OffsetCommitRequest, 7, group_id=group, generation_id_or_member_epoch=-1, topics=topics)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    group, topic, other = run.name(), run.topic(partitions=3), run.topic("other")
    fetch(run, "unknown group", group, [(topic, [0, 1])])
    if run.version >= 2:
        fetch(run, "unknown group, all topics", group, None)
    fetch(run, "empty group id", "", [(topic, [0])])
    commit(run, group, topic, 0, 5, committed_metadata="about it")
    commit(run, group, topic, 1, 7, committed_metadata=None)
    commit(run, group, other, 0, 9, committed_leader_epoch=2)
    fetch(run, "two committed, one not, one unknown", group, [(topic, [0, 1, 2, 9])])
    fetch(run, "a negative partition", group, [(topic, [-1])])
    fetch(run, "the same partition twice", group, [(topic, [0, 0])])
    fetch(run, "the same topic twice", group, [(topic, [0]), (topic, [1])])
    fetch(run, "two topics", group, [(other, [0]), (topic, [1])])
    fetch(run, "no partition", group, [(topic, [])])
    fetch(run, "no topic", group, [])
    if run.version >= 2:
        fetch(run, "all topics", group, None)
    if run.version >= 10:
        fetch(run, "unknown topic id", group, [(b"\7" * 16, [0])])
        fetch(run, "zero topic id", group, [(bytes(16), [0])])
    else:
        fetch(run, "unknown topic", group, [(run.name("nowhere"), [0])])
        fetch(run, "empty topic name", group, [("", [0])])
    if run.version >= 7:
        fetch(run, "stable offsets", group, [(topic, [0, 2])], require_stable=True)
    if run.version >= 8:
        run.ask("no group", OffsetFetchRequest, groups=[])
        several = [
            {"group_id": group, "topics": topics_of(run, [(topic, [0])])},
            {"group_id": run.name("nobody"), "topics": topics_of(run, [(topic, [0])])},
            {"group_id": group, "topics": None},
            {"group_id": "", "topics": topics_of(run, [(topic, [0])])},
        ]
        run.ask("several groups", OffsetFetchRequest, groups=several)
    if run.version >= 9:
        fetch(
            run,
            "a member of a group without members",
            group,
            [(topic, [0])],
            group_member_id="m",
            group_member_epoch=1,
        )
        fetch(
            run,
            "a null member with an epoch",
            group,
            [(topic, [0])],
            group_member_id=None,
            group_member_epoch=1,
        )
        fetch(
            run, "a member with epoch -1", group, [(topic, [0])], group_member_id="m", group_member_epoch=-1
        )
        member = stable(run, run.name("stable")).member_id
        for label, name, epoch in (
            ("the member", member, 1),
            ("another epoch", member, 7),
            ("a stranger", "x", 1),
        ):
            fetch(
                run, f"{label} of a classic group", run.name("stable"), [(topic, [0])],
                group_member_id=name, group_member_epoch=epoch,
            )  # fmt: skip


@scenario(VERSIONS)
def of_a_deleted_topic(run: Conversation) -> None:
    group, topic, other = run.name(), run.topic(), run.topic("other")
    commit(run, group, topic, 0, 5)
    commit(run, group, other, 0, 6)
    run.delete(topic)
    if run.version >= 2:
        # The group coordinator drops the offsets a moment after the topic is gone.
        def gone(answer: Any) -> bool:
            held = answer.groups[0] if run.version >= 8 else answer
            return len(held.topics) == 1

        asked: dict[str, Any] = {"group_id": group, "topics": None}
        asked = {"groups": [asked]} if run.version >= 8 else asked
        run.ask("all topics", OffsetFetchRequest, until=gone, **asked)
    if run.version < 10:

        def lost(answer: Any) -> bool:
            held = answer.groups[0] if run.version >= 8 else answer
            return bool(held.topics[0].partitions[0].committed_offset == -1)

        fetch(run, "the deleted topic", group, [(topic, [0])], until=lost)


@scenario([0, 11])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 9, run.version, bytes(20), flexible=run.version > 7)
