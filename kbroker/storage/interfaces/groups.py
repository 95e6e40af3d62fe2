"""Consumer groups and their committed offsets."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import define

from kbroker.state.offsets import CommittedOffset, TopicPartition


@define
class StoredGroup:
    """A group as the store keeps it: `state` is the group's own serialisation of its last completed generation."""

    group_id: str
    state: bytes | None
    offsets: dict[TopicPartition, CommittedOffset]


class GroupStore(Protocol):
    """Committed offsets and group state. Each write is durable when it returns.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def load(self) -> list[StoredGroup]:
        """Every group."""
        ...

    async def commit_offsets(self, group_id: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
        """Store offsets, all or none."""
        ...

    async def delete_offsets(self, group_id: str, partitions: Iterable[TopicPartition]) -> None:
        """Forget offsets."""
        ...

    async def save_group(self, group_id: str, state: bytes) -> None:
        """Store a group's state."""
        ...

    async def delete_group(self, group_id: str) -> None:
        """Forget a group and its offsets."""
        ...
