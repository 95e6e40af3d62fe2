"""DescribeQuorum: one voter, which leads. Offsets, epochs and ids are each broker's own."""

import time
from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_quorum import DescribeQuorumRequest

VERSIONS = range(3)
METADATA = "__cluster_metadata"
A_MINUTE = 60_000
DIRECTORY = b"a directory id"


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    seen: list[int] = []

    def plausible(answer: Any) -> None:
        """Give what may be another number in every answer one name, if it may be this number."""
        now = time.time() * 1000
        for topic in answer.topics:
            for partition in topic.partitions:
                ends = [replica.log_end_offset for replica in partition.current_voters]
                if 0 < partition.high_watermark <= max(ends, default=0) and seen <= [
                    partition.high_watermark
                ]:
                    seen[:] = [partition.high_watermark]
                    partition.high_watermark = 1
                if partition.leader_epoch > 0:
                    partition.leader_epoch = 1
                for replica in [*partition.current_voters, *partition.observers]:
                    if replica.log_end_offset >= max(seen):
                        replica.log_end_offset = 1
                    for name in ("last_fetch_timestamp", "last_caught_up_timestamp"):
                        if abs(getattr(replica, name) - now) < A_MINUTE:
                            setattr(replica, name, 1)
                    if any(replica.replica_directory_id):
                        replica.replica_directory_id = DIRECTORY

    def ask(label: str, *named: tuple[str, list[int]]) -> None:
        topics = [
            {"topic_name": name, "partitions": [{"partition_index": index} for index in indexes]}
            for name, indexes in named
        ]
        run.ask(label, DescribeQuorumRequest, only=plausible, topics=topics)

    ask("the quorum", (METADATA, [0]))
    ask("the quorum again", (METADATA, [0]))
    ask("unknown and negative partitions", (METADATA, [1, -1]))
    ask("unknown and known partitions", (METADATA, [0, 1]))
    ask("the partition twice", (METADATA, [0, 0]))
    ask("the topic twice", (METADATA, [0]), (METADATA, [0]))
    ask("no partition", (METADATA, []))
    ask("no topic")
    ask("a topic of clients", (run.topic(), [0]))
    ask("unknown topic", (run.name("nowhere"), [0]))
    ask("unknown and known topics", (run.name("nowhere"), [0]), (METADATA, [0]))
    ask("known and unknown topics", (METADATA, [0]), (run.name("nowhere"), [0, 5]))
    ask("empty name", ("", [0]))


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 55, run.version, bytes(20), flexible=True)
