"""What the checks need of a client library. An adapter for each library implements it."""
# ruff: noqa: ARG002, B027 - what a library lacks, its adapter leaves as it is here

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

Partition = tuple[str, int]
"""A topic's name and a partition's index."""


class NotOfferedError(Exception):
    """The library has no such call in this version: the check isn't run, nor counted."""


@dataclass(frozen=True)
class Message:
    """What is produced. `timestamp` is in milliseconds since the epoch."""

    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int | None = None


@dataclass(frozen=True)
class Record:
    """What is consumed."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


class Consumer(ABC):
    """A consumer that starts at the earliest record where nothing was committed."""

    @abstractmethod
    def poll(self, seconds: float) -> list[Record]:
        """Records that arrived within that time."""

    @abstractmethod
    def assignment(self) -> set[Partition]:
        """The partitions it has now."""

    @abstractmethod
    def commit(self) -> None:
        """Commit the positions after what was polled, and wait for the answer."""

    @abstractmethod
    def bounds(self, partition: Partition) -> tuple[int, int]:
        """The first offset of the log and the one after its last."""

    @abstractmethod
    def offset_for_time(self, partition: Partition, timestamp: int) -> int | None:
        """The offset of the first record at or after a time, or None."""

    @abstractmethod
    def close(self) -> None:
        """Leave the group, without a commit, and disconnect."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Adapter(ABC):
    """One library at one version, connected to one broker."""

    codecs: Sequence[str] = ("gzip", "snappy", "lz4", "zstd")
    idempotent = True
    """Whether it has an idempotent producer."""
    fire_and_forget = True
    """Whether records sent with acks 0 do leave it."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    @abstractmethod
    def produce(
        self, topic: str, messages: Sequence[Message], codec: str | None = None, acks: int = -1
    ) -> list[tuple[int, int]]:
        """Send and wait; the partition and offset of each, in the order given.

        With `acks` -1 and where the library can, by an idempotent producer.
        """

    @abstractmethod
    def consumer(self, *topics: str, group: str | None = None) -> Consumer:
        """A consumer of whole topics: a member of a group, or assigned every partition."""

    @abstractmethod
    def code_of(self, error: Exception) -> int | None:
        """The Kafka error code that an exception of the library stands for."""

    @abstractmethod
    def partitions(self, topic: str) -> int:
        """How many partitions the broker says a topic has; 0 if there is no such topic."""

    def close(self) -> None:
        """Disconnect."""

    def create_topic(self, name: str, partitions: int, config: Mapping[str, str] | None = None) -> None:
        raise NotOfferedError

    def delete_topic(self, name: str) -> None:
        raise NotOfferedError

    def add_partitions(self, topic: str, total: int) -> None:
        raise NotOfferedError

    def topic_config(self, topic: str) -> dict[str, str]:
        raise NotOfferedError

    def alter_topic_config(self, topic: str, config: Mapping[str, str]) -> None:
        raise NotOfferedError

    def delete_records(self, partition: Partition, before: int) -> None:
        raise NotOfferedError

    def groups(self) -> set[str]:
        raise NotOfferedError

    def group_members(self, group: str) -> tuple[str, int]:
        """A group's state, lower case, and how many members it has."""
        raise NotOfferedError

    def group_offsets(self, group: str) -> dict[Partition, int]:
        raise NotOfferedError

    def delete_group(self, group: str) -> None:
        raise NotOfferedError
