"""The topic `__consumer_offsets`: what it tells of groups and their offsets, and what clients may do to it."""

from typing import Any

from differential.batches import batch
from differential.changelog import TOPIC, Changelog
from differential.conversation import Conversation
from differential.groups import joined, stable, subscription
from differential.hold import COORDINATOR_ERRORS, await_coordinators
from differential.scenario import scenario
from differential.scenarios.offset_fetch import commit
from kbroker.protocol.delete_groups import DeleteGroupsRequest
from kbroker.protocol.delete_records import DeleteRecordsRequest
from kbroker.protocol.describe_configs import DescribeConfigsRequest
from kbroker.protocol.join_group import JoinGroupRequest
from kbroker.protocol.leave_group import LeaveGroupRequest
from kbroker.protocol.list_groups import ListGroupsRequest
from kbroker.protocol.list_offsets import ListOffsetsRequest
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.offset_commit import OffsetCommitRequest
from kbroker.protocol.offset_delete import OffsetDeleteRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest
from kbroker.protocol.produce import ProduceRequest


def several(topic: str, *committed: tuple[int, int, str | None]) -> list[dict[str, Any]]:
    parts = [
        {"partition_index": index, "committed_offset": offset, "committed_metadata": metadata}
        for index, offset, metadata in committed
    ]
    return [{"name": topic, "partitions": parts}]


@scenario([0])
def commits(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=3)
    changelog = Changelog(run, group)
    for version in (3, 5, 6, 9):
        parts = several(topic, (0, version, None), (1, version, "m"))
        run.first.quietly(OffsetCommitRequest, version, group_id=group, topics=parts)
        changelog.read(f"an OffsetCommit of version {version}")
    parts = [{"partition_index": 0, "committed_offset": 7, "committed_leader_epoch": 4}]
    named = [{"name": topic, "partitions": parts}]
    run.first.quietly(OffsetCommitRequest, 6, group_id=group, topics=named)
    changelog.read("a leader epoch")
    parts = several(topic, (0, 8, "ö"))
    run.first.quietly(OffsetCommitRequest, 2, group_id=group, topics=parts, retention_time_ms=60_000)
    changelog.read("a retention of its own")
    run.first.quietly(OffsetCommitRequest, 6, group_id=group, topics=several(topic, (0, 1, "m" * 5000)))
    changelog.read("a commit that is refused")
    named = [{"name": topic, "partitions": [{"partition_index": 0}, {"partition_index": 2}]}]
    run.first.quietly(OffsetDeleteRequest, 0, group_id=group, topics=named)
    changelog.read("one of two offsets to delete was there")
    run.first.quietly(DeleteGroupsRequest, 2, groups_names=[group])
    changelog.read("the group is deleted")


@scenario([0])
def a_topic_deleted(run: Conversation) -> None:
    group, topic, other = run.name(), run.topic(), run.topic("other")
    changelog = Changelog(run, group)
    commit(run, group, topic, 0, 5)
    commit(run, group, other, 0, 6)
    run.delete(topic)

    def gone(answer: Any) -> bool:
        return len(answer.topics) == 1

    run.ask("what is left", OffsetFetchRequest, version=7, until=gone, group_id=group, topics=None)
    changelog.read("after the topic is gone")


@scenario([0])
def generations(run: Conversation) -> None:
    group, topic = run.name(), run.topic()
    changelog = Changelog(run, group)
    joined(run, group, metadata=b"m", protocol_type="connect")
    changelog.read("before the first assignment")
    group = run.name("static")
    changelog = Changelog(run, group)
    stable(run, group, metadata=subscription(topic), instance="i")
    changelog.read("a static member")
    joined(run, group, metadata=subscription(topic), instance="i")
    changelog.read("which returns")
    run.first.quietly(LeaveGroupRequest, 3, group_id=group, members=[{"group_instance_id": "i"}])
    changelog.read("and leaves")
    run.first.quietly(DeleteGroupsRequest, 2, groups_names=[group])
    changelog.read("a deleted group")


@scenario([0])
def groups_nobody_is_in(run: Conversation) -> None:
    protocols = [{"name": "range", "metadata": b"m"}]
    for name, said in {
        "whose only member has to come back with its id": {
            "protocol_type": "consumer",
            "protocols": protocols,
        },
        "that nobody could join": {"protocol_type": "", "protocols": protocols},
    }.items():
        group = run.name(name[0:5].replace(" ", ""))
        asked = {"group_id": group, "session_timeout_ms": 10_000, "rebalance_timeout_ms": 10_000, **said}
        run.ask(name, JoinGroupRequest, version=5, **asked)
        Changelog(run, group).read(f"a group {name}")


@scenario([0])
def protected(run: Conversation) -> None:
    commit(run, run.name(), run.topic(), 0, 5)
    parts = [{"index": 0, "records": batch()}]
    run.ask(
        "produce to it", ProduceRequest, version=9, acks=-1, timeout_ms=5000,
        topic_data=[{"name": TOPIC, "partition_data": parts}],
    )  # fmt: skip
    for offset in (0, -1):
        parts = [{"partition_index": 0, "offset": offset}]
        named = [{"name": TOPIC, "partitions": parts}]
        run.ask(
            f"delete records up to {offset}", DeleteRecordsRequest, version=2, topics=named, timeout_ms=5000
        )

    def there(answer: Any) -> None:
        for partition in answer.topics[0].partitions:
            partition.offset = 0

    parts = [{"partition_index": 0, "timestamp": -2}]
    run.ask(
        "its first offset", ListOffsetsRequest, version=7, only=there,
        topics=[{"name": TOPIC, "partitions": parts}],
    )  # fmt: skip
    run.ask("metadata", MetadataRequest, version=12, topics=[{"name": TOPIC}])
    keys = ["cleanup.policy", "compression.type", "segment.bytes", "retention.ms"]
    asked = [{"resource_type": 2, "resource_name": TOPIC, "configuration_keys": keys}]
    run.ask("configs", DescribeConfigsRequest, version=4, resources=asked)


@scenario([0], last=True)
def deleted(run: Conversation) -> None:
    """The groups go with the topic."""
    group, topic = run.name(), run.topic()
    commit(run, group, topic, 0, 5)
    run.delete(TOPIC)

    def mine(answer: Any) -> None:
        answer.groups = [each for each in answer.groups if each.group_id == group]

    def gone(answer: Any) -> bool:
        return not answer.groups and not answer.error_code

    run.ask("groups", ListGroupsRequest, version=4, until=gone, only=mine)
    await_coordinators(run.first)  # which makes it anew
    look = {"group_id": group, "topics": None}
    run.ask("offsets, once there is another topic", OffsetFetchRequest, version=7, until=served, **look)
    run.ask("groups, once there is another topic", ListGroupsRequest, version=4, only=mine)


def served(answer: Any) -> bool:
    return answer.error_code not in COORDINATOR_ERRORS
