"""Consumer groups and their committed offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import Factory, define

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kbroker.state.groups.pending_offsets import EndedOffsets, ProducerAndPartition
    from kbroker.state.offsets import CommittedOffset, TopicPartition


@define
class StoredPendingOffset:
    """An offset that an open transaction holds.

    `changelog_partition` is the partition of `__consumer_offsets` in which its marker will be.
    """

    producer_id: int
    topic: str
    partition: int
    offset: CommittedOffset
    superseded: bool
    changelog_partition: int


@define
class StoredGroup:
    """A group as the store keeps it: `state` is the group's own serialisation of its last completed generation.

    `pending` are in the order in which they were committed.
    """

    group_id: str
    state: bytes | None
    offsets: dict[TopicPartition, CommittedOffset]
    pending: list[StoredPendingOffset] = Factory(list)


class GroupStore(Protocol):
    """Committed offsets and group state. Each write is durable when it returns, all of it or nothing.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def is_empty(self) -> bool:
        """Whether there is no group at all."""
        ...

    async def load(self) -> list[StoredGroup]:
        """Every group."""
        ...

    async def commit_offsets(
        self,
        group_id: str,
        offsets: Mapping[TopicPartition, CommittedOffset],
        superseded: Iterable[ProducerAndPartition] = (),
    ) -> None:
        """Store offsets, which supersede pending ones."""
        ...

    async def add_pending_offsets(
        self,
        group_id: str,
        producer_id: int,
        changelog_partition: int,
        offsets: Mapping[TopicPartition, CommittedOffset],
    ) -> None:
        """Store what a transaction commits, in the place of what it committed before."""
        ...

    async def end_pending_offsets(self, producer_id: int, ended: Mapping[str, EndedOffsets]) -> None:
        """Forget what a producer's transaction has pending in groups, after it has had the effects of `ended`."""
        ...

    async def state(self, group_id: str) -> bytes | None:
        """A group's state, if it has one."""
        ...

    async def save_group(self, group_id: str, state: bytes) -> None:
        """Store a group's state."""
        ...

    async def forget(
        self, offsets: Mapping[str, Iterable[TopicPartition]], groups: Iterable[str] = ()
    ) -> None:
        """Forget groups' offsets in partitions, and whole groups with all they have. Unknown ones are no error."""
        ...

    async def clear(self) -> None:
        """Forget all groups with all they have."""
        ...
