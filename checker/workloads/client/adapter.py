"""What a client library must offer."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

Partition = tuple[str, int]


class ClientError(Exception):
    """The library raised an error: whether it was done is not known."""


class Read(NamedTuple):
    """One record."""

    topic: str
    partition: int
    offset: int
    value: bytes


class ClientProducer(Protocol):
    """A producer of the library."""

    def send(
        self, where: Partition, key: bytes | None, value: bytes, done: Callable[[int | None, str], None]
    ) -> None:
        """Send without waiting; `done` gets the offset, or None and why. Raises ClientError."""

    def flush(self) -> None:
        """Wait until every `done` was called. Raises ClientError."""

    def init(self) -> None:
        """Initialise transactions. Raises ClientError, like those that follow."""

    def begin(self) -> None:
        """Begin a transaction."""

    def add_offsets(self, offsets: Mapping[Partition, int], consumer: "ClientConsumer") -> None:
        """Let the transaction commit the offsets of the consumer's group."""

    def commit(self) -> None:
        """Commit it."""

    def abort(self) -> None:
        """Abort it."""

    def close(self) -> None:
        """Drop it."""


class ClientConsumer(Protocol):
    """A consumer of the library."""

    def poll(self, seconds: float) -> list[Read]:
        """Some records. Raises ClientError."""
        ...

    def owned(self) -> tuple[int | None, str, list[Partition]]:
        """Generation (None if the library doesn't tell), member id and partitions."""
        ...

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit. Raises ClientError."""

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """What is committed, -1 for nothing. Raises ClientError."""
        ...

    def seek(self, where: Partition, offset: int) -> None:
        """Go on from an offset. Raises ClientError."""

    def close(self) -> None:
        """Leave the group and drop it."""


class Client(Protocol):
    """The library."""

    def producer(self, *, idempotent: bool, transactional_id: str | None = None) -> ClientProducer:
        """A producer. Raises ClientError."""
        ...

    def consumer(
        self, group: str | None, *, subscribe: str | None = None, assign: Sequence[Partition] = (),
        committed: bool = False,
    ) -> ClientConsumer:  # fmt: skip
        """A consumer of a group or of partitions, or both: of partitions that commits in a group's name."""
        ...
