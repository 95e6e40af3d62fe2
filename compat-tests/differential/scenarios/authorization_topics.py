"""What each request about topics needs, and what is answered without: a table for each API, which bears its name."""

import re
from typing import Any

from differential.authorization import OPEN, table
from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios import fetch as fetches
from differential.scenarios import produce as produces
from kbroker.protocol.create_partitions import CreatePartitionsRequest
from kbroker.protocol.create_topics import CreateTopicsRequest
from kbroker.protocol.delete_records import DeleteRecordsRequest
from kbroker.protocol.delete_topics import DeleteTopicsRequest
from kbroker.protocol.describe_producers import DescribeProducersRequest
from kbroker.protocol.describe_topic_partitions import DescribeTopicPartitionsRequest
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.list_offsets import ListOffsetsRequest
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.offset_for_leader_epoch import OffsetForLeaderEpochRequest
from kbroker.protocol.produce import ProduceRequest

NUMBER = re.compile(r"\d+$")


def topics(run: Conversation) -> tuple[str, str]:
    """One that not everybody may use, and one that begins with OPEN."""
    return run.topic(), run.topic(prefix=OPEN)


@scenario((3, 9, 13), guarded=True)
def produce(run: Conversation) -> None:
    def appended(answer: Any) -> None:  # it is another offset each time
        for topic in answer.responses:
            for partition in topic.partition_responses:
                partition.base_offset = min(partition.base_offset, 0)

    both = topics(run)

    def ask(label: str, records: bytes, *named: str, **given: Any) -> None:
        data = [produces.topic_data(run, name, (0, records)) for name in named]
        given = {"acks": -1, "timeout_ms": 5000, "topic_data": data, **given}
        table(run, label, ProduceRequest, only=appended, **given)

    ask("to two topics", batch(), *both)
    ask("with acks that do not exist", batch(), *both, acks=2)
    ask("no batch", b"nonsense", both[0])
    if run.version < 13:
        ask("to a topic that is not there", batch(), run.name("nowhere"))
    ask("without an answer", batch(), both[0], acks=0, unanswered=True)


@scenario((4, 12, 13, 18), guarded=True)
def fetch(run: Conversation) -> None:
    both = topics(run)
    for name in both:
        run.fill(name, batch())

    def ask(label: str, *named: str, **given: Any) -> None:
        asked = [(name, [fetches.part()]) for name in named]
        table(run, label, FetchRequest, **fetches.asked(run, *asked, **given))

    ask("two topics", *both)
    ask("one topic, waiting", both[0], max_wait_ms=30, min_bytes=1)
    if run.version < 13:
        ask("a topic that is not there", run.name("nowhere"))
    else:
        part = fetches.part()
        table(
            run, "an unknown id", FetchRequest, **fetches.asked(run, (b"\7" * 16, [part]), (both[0], [part]))
        )
    as_replica = (
        {"replica_id": 7} if run.version < 15 else {"replica_state": {"replica_id": 7, "replica_epoch": 1}}
    )
    ask("as a replica", *both, **as_replica)


@scenario((1, 5, 11), guarded=True)
def list_offsets(run: Conversation) -> None:
    names = (*topics(run), run.name("nowhere"))

    def ask(label: str, *parts: int, **given: Any) -> None:
        partitions = [{"partition_index": index, "timestamp": -1} for index in parts]
        asked = [{"name": name, "partitions": partitions} for name in names]
        table(run, label, ListOffsetsRequest, replica_id=-1, topics=asked, **given)

    ask("three topics", 0)
    ask("partition 9", 9)
    ask("a partition twice", 0, 0)


@scenario((0, 1, 4, 7, 8, 10, 11, 12, 13), guarded=True)
def metadata(run: Conversation) -> None:
    both = topics(run)
    named = [{"name": name} for name in (*both, run.name("nowhere"), f"{OPEN}{run.name('nowhere')}")]
    quiet = {"allow_auto_topic_creation": False} if run.version >= 4 else {}
    if run.version >= 4:
        table(run, "four topics", MetadataRequest, topics=named, **quiet)
        table(run, "a name that none can have", MetadataRequest, topics=[{"name": "a/b"}], **quiet)
    else:
        table(run, "two topics", MetadataRequest, topics=named[:2], **quiet)

    def mine(answer: Any) -> None:  # other conversations' topics are there too
        answer.topics = [each for each in answer.topics if each.name in both]

    everything: list[dict[str, Any]] | None = [] if run.version == 0 else None
    table(run, "all topics", MetadataRequest, only=mine, topics=everything, **quiet)
    if run.version >= 1:
        table(run, "no topic", MetadataRequest, topics=[], **quiet)
    if run.version >= 8:
        more = {"include_topic_authorized_operations": True}
        table(run, "authorized operations", MetadataRequest, topics=named, **quiet, **more)
    if 8 <= run.version <= 10:
        more = {"include_cluster_authorized_operations": True}
        table(run, "the cluster's authorized operations", MetadataRequest, topics=[], **quiet, **more)
    if run.version >= 12:
        ids = [{"topic_id": run.topic_id(name), "name": None} for name in both]
        ids.append({"topic_id": b"\7" * 16, "name": None})
        table(run, "by id", MetadataRequest, topics=ids, **quiet)
        more = {"include_topic_authorized_operations": True}
        table(run, "by id, authorized operations", MetadataRequest, topics=ids, **quiet, **more)


@scenario((0, 4, 13), guarded=True)
def metadata_that_creates(run: Conversation) -> None:
    def created(answer: Any) -> None:  # Apache Kafka's is there only the next time
        for topic in answer.topics:
            if topic.error_code in (0, 3, 5):
                topic.error_code, topic.partitions, topic.topic_id = 0, [], bytes(16)

        for topic in answer.topics:
            topic.name = NUMBER.sub("", topic.name)

    def new(number: int) -> dict[str, Any]:
        return {"topics": [{"name": f"{prefix}{run.name(f'new{number}')}"} for prefix in ("", OPEN)]}

    more = {"allow_auto_topic_creation": True} if run.version >= 4 else {}
    table(run, "two topics", MetadataRequest, only=created, each=new, **more)


@scenario((2, 5, 7), guarded=True)
def create_topics(run: Conversation) -> None:
    def ask(label: str, *names: str, **given: Any) -> None:
        asked = [{"name": name, "num_partitions": 1, "replication_factor": 1} for name in names]

        def no_id(answer: Any) -> None:
            for topic in answer.topics:
                topic.topic_id = bytes(16)

        more = {"timeout_ms": 5000, "validate_only": True}
        table(run, label, CreateTopicsRequest, only=no_id, **{"topics": asked, **more, **given})

    one, other = run.name("new"), f"{OPEN}{run.name('new')}"
    ask("two topics", one, other)
    ask("one twice", one, one, other)
    ask("an invalid name", "a/b")
    ask("one that is there", run.topic())
    ask("the metadata's own topic", "__cluster_metadata")
    ask("too late", one, timeout_ms=0)
    ask("two, too late", one, one, other, timeout_ms=0)


@scenario((1, 5, 6), guarded=True)
def delete_topics(run: Conversation) -> None:
    one, other = topics(run)
    nowhere = run.name("nowhere")

    def there() -> None:
        topics(run)

    def ask(label: str, *named: dict[str, Any] | str, **given: Any) -> None:
        if run.version >= 6:
            topics = [{"name": each} if isinstance(each, str) else each for each in named]
            asked: dict[str, Any] = {"topics": topics}
        else:
            asked = {"topic_names": list(named)}
        table(run, label, DeleteTopicsRequest, **{**asked, "timeout_ms": 5000, **given})

    ask("that is not there", nowhere)
    ask("the same twice", one, one)
    ask("too late", one, timeout_ms=0)
    if run.version >= 6:
        ids = [{"name": None, "topic_id": run.topic_id(name)} for name in (one, other)]
        ask("an unknown id", {"name": None, "topic_id": b"\7" * 16})
        ask("neither name nor id", {"name": None})
        ask("by id, twice", *ids, *ids)
    named = (
        {"topics": [{"name": one}, {"name": other}]} if run.version >= 6 else {"topic_names": [one, other]}
    )

    def no_id(answer: Any) -> None:  # each time they are made again
        for topic in answer.responses:
            topic.topic_id = bytes(16)

    table(run, "two topics", DeleteTopicsRequest, before=there, only=no_id, **named, timeout_ms=5000)
    if run.version >= 6:

        def by_id(_: int) -> dict[str, Any]:
            return {"topics": [{"name": None, "topic_id": run.topic_id(name)} for name in (one, other)]}

        def both_ways(number: int) -> dict[str, Any]:
            return {"topics": [*by_id(number)["topics"], {"name": one}]}

        more = {"before": there, "only": no_id, "timeout_ms": 5000}
        table(run, "by id and name", DeleteTopicsRequest, each=both_ways, **more)
        table(run, "by id", DeleteTopicsRequest, before=there, only=no_id, each=by_id, timeout_ms=5000)


@scenario((0, 2), guarded=True)
def delete_records(run: Conversation) -> None:
    asked = [
        {"name": name, "partitions": [{"partition_index": 0, "offset": 0}]}
        for name in (*topics(run), run.name("nowhere"), "__consumer_offsets")
    ]
    table(run, "four topics", DeleteRecordsRequest, topics=asked, timeout_ms=5000)


@scenario((0, 3), guarded=True)
def create_partitions(run: Conversation) -> None:
    def ask(label: str, *names: str, count: int = 3, **given: Any) -> None:
        asked = [{"name": name, "count": count, "assignments": None} for name in names]
        more = {"timeout_ms": 5000, "validate_only": True}
        table(run, label, CreatePartitionsRequest, **{"topics": asked, **more, **given})

    one, other = topics(run)
    ask("two topics", one, other)
    ask("no more than there are", one, other, count=1)
    ask("one that is not there", run.name("nowhere"))
    ask("one twice", one, one, other)
    ask("too late", one, timeout_ms=0)
    ask("two, too late", one, one, other, timeout_ms=0)


@scenario((2, 4), guarded=True)
def offset_for_leader_epoch(run: Conversation) -> None:
    asked = [
        {"topic": name, "partitions": [{"partition": 0, "current_leader_epoch": -1, "leader_epoch": 0}]}
        for name in (*topics(run), run.name("nowhere"))
    ]
    table(
        run,
        "three topics",
        OffsetForLeaderEpochRequest,
        replica_id=-2 if run.version < 3 else -1,
        topics=asked,
    )
    table(run, "as a replica", OffsetForLeaderEpochRequest, replica_id=7, topics=asked)


@scenario([0], guarded=True)
def describe_topic_partitions(run: Conversation) -> None:
    both = topics(run)

    def ask(label: str, *names: str, **given: Any) -> None:
        named = [{"name": name} for name in names]
        more = {"response_partition_limit": 2000, "cursor": None}
        table(run, label, DescribeTopicPartitionsRequest, **{"topics": named, **more, **given})

    ask("four topics", *both, run.name("nowhere"), "a/b")
    ask("from one on", *both, cursor={"topic_name": both[1], "partition_index": 0})
    ask("one of them a page", *both, response_partition_limit=1)

    def mine(answer: Any) -> None:
        answer.topics = [each for each in answer.topics if each.name in both]

    table(
        run, "all topics", DescribeTopicPartitionsRequest, only=mine, topics=[], response_partition_limit=2000
    )


@scenario([0], guarded=True)
def describe_producers(run: Conversation) -> None:
    asked = [{"name": name, "partition_indexes": [0, 9]} for name in (*topics(run), run.name("nowhere"))]
    table(run, "three topics", DescribeProducersRequest, topics=asked)
