"""OffsetDelete: of groups with and without members, of topics they do and do not subscribe to."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import joined, stable, subscription
from differential.scenario import scenario
from differential.scenarios.offset_fetch import commit
from kbroker.protocol.offset_commit import OffsetCommitRequest
from kbroker.protocol.offset_delete import OffsetDeleteRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest


def delete(run: Conversation, label: str, group: str, *topics: tuple[str, list[int]]) -> Any:
    named = [
        {"name": name, "partitions": [{"partition_index": index} for index in partitions]}
        for name, partitions in topics
    ]
    return run.ask(label, OffsetDeleteRequest, group_id=group, topics=named)


def commit_as(run: Conversation, member: Any, group: str, topic: str) -> None:
    topics = [{"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 3}]}]
    run.first.quietly(
        OffsetCommitRequest, 7, group_id=group, generation_id_or_member_epoch=member.generation_id,
        member_id=member.member_id, topics=topics,
    )  # fmt: skip


@scenario([0])
def all_of_it(run: Conversation) -> None:
    group, topic, other = run.name(), run.topic(partitions=3), run.topic("other")
    delete(run, "unknown group", group, (topic, [0]))
    delete(run, "empty group id", "", (topic, [0]))
    for partition in (0, 1, 2):
        commit(run, group, topic, partition, 5)
    commit(run, group, other, 0, 6)
    delete(run, "no topic", group)
    delete(run, "no partition", group, (topic, []))
    delete(run, "one partition", group, (topic, [0]))
    delete(run, "again", group, (topic, [0]))
    delete(run, "unknown and negative partitions", group, (topic, [9, -1, 1]))
    delete(run, "unknown topic", group, (run.name("nowhere"), [0]), (other, [0]))
    delete(run, "empty topic name", group, ("", [0]))
    delete(run, "the same topic twice", group, (topic, [2]), (topic, [2]))
    run.ask("what is left", OffsetFetchRequest, version=7, group_id=group, topics=None)
    group = run.name("subscribed")
    member = stable(run, group, metadata=subscription(topic))
    commit_as(run, member, group, topic)
    commit_as(run, member, group, other)
    delete(run, "a topic subscribed to, and one that is not", group, (topic, [0]), (other, [0]))
    run.ask("what is left of it", OffsetFetchRequest, version=7, group_id=group, topics=None)
    group = run.name("garbled")
    commit_as(run, stable(run, group, metadata=b"\1"), group, topic)
    delete(run, "a member whose subscription does not parse", group, (topic, [0]))
    group = run.name("connect")
    commit_as(run, stable(run, group, protocol_type="connect"), group, topic)
    delete(run, "a group of another protocol type", group, (topic, [0]))
    group = run.name("joining")
    joined(run, group, metadata=subscription(topic))
    delete(run, "before sync", group, (topic, [0]), (other, [0]))


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 47, run.version, bytes(20))
