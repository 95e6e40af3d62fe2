"""TxnOffsetCommit: offsets that wait for a transaction's end, who may commit them, and what others see of them."""

from typing import Any

from differential.changelog import TOPIC, Changelog
from differential.conversation import Conversation
from differential.groups import joined, joining, stable
from differential.scenario import scenario
from differential.scenarios.offset_fetch import commit
from differential.transactions import Producer, settled
from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest
from kbroker.protocol.delete_groups import DeleteGroupsRequest
from kbroker.protocol.describe_producers import DescribeProducersRequest
from kbroker.protocol.list_groups import ListGroupsRequest
from kbroker.protocol.offset_delete import OffsetDeleteRequest
from kbroker.protocol.offset_fetch import OffsetFetchRequest
from kbroker.protocol.txn_offset_commit import TxnOffsetCommitRequest

VERSIONS = range(6)
MEMBERS_SINCE = 3
ADDS_BY_ITSELF = 5  # from this version on (transaction version 2) the group needn't be added first
COORDINATOR_LOADING, CONCURRENT = 14, 51


def answered(answer: Any) -> bool:
    """Whether every partition has its last word: the partition may not be there yet, or a transaction still end."""
    codes = {one.error_code for topic in answer.topics for one in topic.partitions}
    return not codes & {COORDINATOR_LOADING, 15, 16, CONCURRENT}


def offsets(topic: str, *committed: tuple[int, int], metadata: str | None = None) -> list[dict[str, Any]]:
    parts = [
        {"partition_index": index, "committed_offset": offset, "committed_metadata": metadata}
        for index, offset in committed
    ]
    return [{"name": topic, "partitions": parts}]


def add_group(run: Conversation, producer: Producer, group: str) -> None:
    """AddOffsetsToTxn in the versions that need it, unrecorded."""
    if run.version < ADDS_BY_ITSELF:
        asked = {
            "transactional_id": producer.name,
            "producer_id": producer.producer_id,
            "producer_epoch": producer.epoch,
            "group_id": group,
        }
        while not settled(run.first.quietly(AddOffsetsToTxnRequest, 3, **asked)):
            pass


def hold(
    run: Conversation, label: str, producer: Producer, group: str, topics: list[dict[str, Any]], **given: Any
) -> Any:
    """TxnOffsetCommit, recorded."""
    asked = {
        "transactional_id": producer.name,
        "group_id": group,
        "producer_id": producer.producer_id,
        "producer_epoch": producer.epoch,
        "topics": topics,
        **given,
    }
    return run.ask(label, TxnOffsetCommitRequest, until=answered, **asked)


def look(run: Conversation, label: str, group: str, topic: str | None, *, stable: bool = True) -> None:
    """OffsetFetch, recorded: of partitions 0 and 1, or of all that is committed."""
    topics = None if topic is None else [{"name": topic, "partition_indexes": [0, 1]}]
    run.ask(label, OffsetFetchRequest, version=7, group_id=group, topics=topics, require_stable=stable)


def end_version(run: Conversation) -> int:
    return 5 if run.version >= ADDS_BY_ITSELF else 3


@scenario(VERSIONS)
def committed_and_aborted(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    commit(run, group, topic, 1, 3)
    for commits in (True, False):
        add_group(run, producer, group)
        hold(run, "two offsets", producer, group, offsets(topic, (0, 5), (1, 6), metadata="m"))
        look(run, "while they are pending", group, topic)
        look(run, "by one who doesn't mind", group, topic, stable=False)
        look(run, "all", group, None)
        look(run, "all, by one who doesn't mind", group, None, stable=False)
        hold(run, "one of them again", producer, group, offsets(topic, (1, 7 if commits else 9)))
        producer.end(commit=commits, version=end_version(run))
        look(run, "after the end", group, topic)
        look(run, "all, after the end", group, None)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    producer.begin()
    add_group(run, producer, group)
    one = offsets(topic, (0, 5))
    hold(run, "an empty group id", producer, "", one)
    hold(run, "an empty transactional id", producer, group, one, transactional_id="")
    hold(run, "an unknown transactional id", producer, group, one, transactional_id=run.name("nobody"))
    hold(run, "another producer id", producer, group, one, producer_id=123_456_789)
    hold(run, "no producer id", producer, group, one, producer_id=-1)
    hold(run, "an older epoch", producer, group, one, producer_epoch=0)
    hold(run, "a newer epoch", producer, group, one, producer_epoch=2)
    hold(run, "a negative epoch", producer, group, one, producer_epoch=-1)
    hold(run, "a group that is not in the transaction", producer, run.name("other"), one)
    hold(run, "no topics", producer, group, [])
    hold(run, "no partitions", producer, group, [{"name": topic, "partitions": []}])
    hold(run, "unknown topic", producer, group, offsets(run.name("nowhere"), (0, 1)))
    hold(run, "unknown and known topic", producer, group, offsets(run.name("nowhere"), (0, 1)) + one)
    hold(run, "unknown and negative partitions", producer, group, offsets(topic, (9, 1), (-1, 1), (1, 8)))
    hold(run, "empty topic name", producer, group, offsets("", (0, 1)))
    hold(run, "metadata that is too large", producer, group, offsets(topic, (0, 1), metadata="m" * 4097))
    hold(run, "a negative offset", producer, group, offsets(topic, (0, -5)))
    hold(run, "the same partition twice", producer, group, offsets(topic, (0, 1), (0, 2)))
    hold(run, "the same topic twice", producer, group, offsets(topic, (0, 3)) + offsets(topic, (1, 4)))
    producer.end(version=end_version(run))
    look(run, "what is committed", group, topic)


def not_in_the_transaction(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    hold(run, "a group that was not added", producer, group, offsets(topic, (0, 5)))
    add_group(run, producer, group)
    hold(run, "once it was", producer, group, offsets(topic, (0, 5)))
    producer.end()
    hold(run, "after the end", producer, group, offsets(topic, (0, 5)))


# One version at a time: Apache Kafka asks for several producers at once, and tells all what the last one understands.
@scenario([3])
def not_in_the_transaction_3(run: Conversation) -> None:
    not_in_the_transaction(run)


@scenario([4])
def not_in_the_transaction_4(run: Conversation) -> None:
    not_in_the_transaction(run)


@scenario(range(MEMBERS_SINCE, 6))
def members(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    one = offsets(topic, (0, 5))
    for name in (group, run.name("nobody"), run.name("static")):
        add_group(run, producer, name)
    hold(run, "a generation of no group", producer, run.name("nobody"), one, generation_id=1, member_id="m")
    member = stable(run, group)
    hold(run, "no member of a group that has some", producer, group, one)

    def ask(label: str, **given: Any) -> None:
        said = {"generation_id": member.generation_id, "member_id": member.member_id, **given}
        hold(run, label, producer, group, one, **said)

    ask("a member")
    ask("an older generation", generation_id=0)
    ask("a newer generation", generation_id=2)
    ask("no generation", generation_id=-1)
    ask("a stranger", member_id="stranger")
    ask("a generation without a member", member_id="")
    ask("an unknown instance", group_instance_id="i")
    static = stable(run, run.name("static"), instance="i")
    named = {"generation_id": static.generation_id, "group_instance_id": "i"}
    hold(run, "an instance", producer, run.name("static"), one, member_id=static.member_id, **named)
    hold(run, "a fenced instance", producer, run.name("static"), one, member_id="former", **named)
    joining(run, group)
    ask("while the group rebalances")
    awaits = joined(run, run.name("nobody"))
    given = {"generation_id": awaits.generation_id, "member_id": awaits.member_id}
    hold(run, "before the assignment", producer, run.name("nobody"), one, **given)
    producer.end(version=end_version(run))
    look(run, "what is committed", group, topic)


@scenario([4, 5])
def beside_others(run: Conversation) -> None:
    """Other commits, deletions and transactions while offsets are pending."""
    group, topic = run.name(), run.topic(partitions=2)
    producer, other = Producer(run, run.name()).begin(), Producer(run, run.name("other")).begin()
    version = end_version(run)
    add_group(run, producer, group)
    hold(run, "an offset", producer, group, offsets(topic, (0, 5), (1, 5)))
    commit(run, group, topic, 0, 3)
    look(run, "with a later commit outside of the transaction", group, topic)
    producer.end(version=version)
    look(run, "which stays", group, topic)
    for each in (producer, other):
        add_group(run, each, group)
    hold(run, "one transaction's offsets", producer, group, offsets(topic, (0, 10), (1, 11)))
    hold(run, "another's", other, group, offsets(topic, (0, 20)))
    other.end(version=version)
    look(run, "the later one has ended", group, topic)
    producer.end(version=version)
    look(run, "and the earlier one", group, topic)
    add_group(run, producer, group)
    hold(run, "offsets to delete", producer, group, offsets(topic, (0, 30), (1, 31)))
    named = [{"name": topic, "partitions": [{"partition_index": 0}]}]
    run.ask("delete one", OffsetDeleteRequest, version=0, group_id=group, topics=named)
    look(run, "after that", group, topic)
    producer.end(version=version)
    look(run, "and the transaction's end", group, topic)
    add_group(run, producer, group)
    hold(run, "offsets of a group to delete", producer, group, offsets(topic, (0, 40)))
    run.ask("delete the group", DeleteGroupsRequest, version=2, groups_names=[group])
    look(run, "of a group that is gone", group, topic)
    producer.end(version=version)
    look(run, "that stays away", group, topic)


@scenario([5])
def fetched_in_every_version(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    commit(run, group, topic, 1, 3)
    hold(run, "an offset in each partition", producer, group, offsets(topic, (0, 5), (1, 6)))
    for version in (7, 8, 9, 10):
        named = {"topic_id": run.topic_id(topic)} if version >= 10 else {"name": topic}
        for topics in ([{**named, "partition_indexes": [0, 1]}], None):
            asked: dict[str, Any] = {"group_id": group, "topics": topics}
            if version >= 8:
                asked = {"groups": [asked, {"group_id": run.name("nobody"), "topics": topics}]}
            for stable_only in (True, False):
                label = f"OffsetFetch v{version}, {'all' if topics is None else 'two'}, {stable_only}"
                run.ask(label, OffsetFetchRequest, version=version, require_stable=stable_only, **asked)
    producer.end(version=5)


@scenario([5])
def a_new_group(run: Conversation) -> None:
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()

    def mine(answer: Any) -> None:  # other conversations' groups are there too
        answer.groups = [each for each in answer.groups if each.group_id == group]

    hold(run, "an offset", producer, group, offsets(topic, (0, 5)))
    run.ask("the group is there", ListGroupsRequest, version=4, only=mine)
    producer.end(commit=False, version=5)
    run.ask("after the abort too", ListGroupsRequest, version=4, only=mine)
    look(run, "with nothing", group, None)


@scenario([3, 5])
def told(run: Conversation) -> None:
    """What the topic tells of it, under both transaction versions."""
    group, topic = run.name(), run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    changelog = Changelog(run, group, {producer.producer_id})
    for commits in (True, False):
        add_group(run, producer, group)
        hold(run, "two offsets", producer, group, offsets(topic, (0, 5), (1, 6), metadata="m"))
        hold(run, "one of them again", producer, group, offsets(topic, (1, 7)))
        commit(run, group, topic, 0, 3)
        changelog.read("offsets in a transaction, and one outside of it")
        producer.end(commit=commits, version=run.version)
        changelog.read("its end")
    named = [{"name": TOPIC, "partition_indexes": [0]}]

    def mine(answer: Any) -> None:
        (partition,) = answer.topics[0].partitions
        partition.active_producers = [
            each for each in partition.active_producers if each.producer_id == producer.producer_id
        ]
        for each in partition.active_producers:
            each.last_timestamp = -1

    run.ask("the producer", DescribeProducersRequest, version=0, only=mine, topics=named)


@scenario([6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 28, run.version, bytes(20), flexible=True)
