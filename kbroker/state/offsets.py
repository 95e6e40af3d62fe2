"""Committed offsets of one group, and when they expire (KIP-211)."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from attrs import Factory, define

from kbroker.state import java_strings
from kbroker.state.topics import Topic

TopicPartition = tuple[str, int]
NEVER_GIVEN = -1  # no expire timestamp: the retention of the group counts
_LATEST = 2**63 - 1  # ms since the epoch: what a store can keep


@define
class CommittedOffset:
    """An offset a group committed. Times are ms since the epoch; `expire_timestamp` may be NEVER_GIVEN."""

    offset: int
    leader_epoch: int
    metadata: str
    commit_timestamp: int
    expire_timestamp: int
    topic_id: bytes


@define
class CommittedOffsets:
    """A group's offsets, by topic and partition."""

    by_topic: dict[str, dict[int, CommittedOffset]] = Factory(dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.by_topic)

    def get(self, topic: str, partition: int) -> CommittedOffset | None:
        """The offset of a partition, if one was committed."""
        partitions = self.by_topic.get(topic)
        return None if partitions is None else partitions.get(partition)

    def put(self, topic: str, partition: int, offset: CommittedOffset) -> None:
        """Commit."""
        self.by_topic.setdefault(topic, {})[partition] = offset

    def remove(self, topic: str, partition: int) -> None:
        """Forget a partition's offset, if there is one."""
        partitions = self.by_topic.get(topic)
        if partitions is not None:
            partitions.pop(partition, None)
            if not partitions:
                del self.by_topic[topic]


class RequestedOffset(Protocol):
    """What OffsetCommit and TxnOffsetCommit say of one partition."""

    partition_index: int
    committed_offset: int
    committed_leader_epoch: int
    committed_metadata: str | None


def offsets_to_commit(
    requested: Iterable[tuple[Topic, Sequence[RequestedOffset]]],
    now_ms: int,
    *,
    longest_metadata: int,
    expires_ms: int = NEVER_GIVEN,
) -> tuple[dict[TopicPartition, CommittedOffset], set[TopicPartition]]:
    """What to commit, and the partitions whose metadata is over offset.metadata.max.bytes (UTF-16 units)."""
    offsets = {}
    too_large = set()
    for topic, partitions in requested:
        for one in partitions:
            metadata = one.committed_metadata or ""
            if java_strings.length(metadata) > longest_metadata:
                too_large.add((topic.name, one.partition_index))
                continue
            offsets[topic.name, one.partition_index] = CommittedOffset(
                one.committed_offset, one.committed_leader_epoch, metadata, now_ms, expires_ms, topic.topic_id
            )
    return offsets, too_large


def expire_timestamp(retention_time_ms: int, now_ms: int) -> int:
    """When an offset expires that OffsetCommit v2-4 gave a retention of its own; -1 if it did not."""
    return NEVER_GIVEN if retention_time_ms == NEVER_GIVEN else min(now_ms + retention_time_ms, _LATEST)


def is_expired(
    offset: CommittedOffset, retention_ms: int, now_ms: int, unused_since_ms: int | None = None
) -> bool:
    """Whether an offset has outlived its own retention, or `retention_ms` since it was last of use.

    `unused_since_ms` is when the group lost its last member; None counts from the commit.
    """
    if offset.expire_timestamp != NEVER_GIVEN:
        return now_ms >= offset.expire_timestamp
    since = offset.commit_timestamp if unused_since_ms is None else unused_since_ms
    return now_ms - since >= retention_ms
