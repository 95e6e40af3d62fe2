"""Which directory each partition is in, where there are several (KIP-112, KIP-858).

It is remembered outside of the directories, so that a partition whose directory is offline is not made anew elsewhere.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Key = tuple[str, int]


class DirectoryIds(Protocol):
    """Where it is remembered. Each write is durable when it returns, or raises KafkaError KAFKA_STORAGE_ERROR."""

    def load(self) -> dict[Key, bytes]:
        """The id of the directory that each partition is in."""
        ...

    def assign(self, partitions: Mapping[Key, bytes]) -> None:
        """These partitions are there now."""
        ...

    def forget(self, topic: str) -> None:
        """A topic is gone."""
        ...


class Placement:
    """Directories go by their id. New partitions go where the fewest are, of several to the first in `log.dirs`."""

    def __init__(self, store: DirectoryIds) -> None:
        """What the store remembers."""
        self._store = store
        self._homes = store.load()
        self._preferred: dict[Key, bytes] = {}

    def home(self, key: Key) -> bytes | None:
        """The directory a partition is in; None if that was never decided."""
        return self._homes.get(key)

    def prefer(self, key: Key, directory_id: bytes) -> None:
        """A partition that is not there yet shall be made in that directory."""
        self._preferred[key] = directory_id

    def place(self, keys: Iterable[Key], directories: Sequence[bytes]) -> None:
        """Decide on partitions that may be anywhere among `directories`. Raises KafkaError."""
        if not directories:
            raise KafkaError(
                ErrorCode.INVALID_REPLICATION_FACTOR,
                "All brokers are currently fenced, or have all their log directories cordoned.",
            )
        held = Counter(self._homes.values())
        chosen = {}
        for key in keys:
            preferred = self._preferred.pop(key, None)
            fewest = min(directories, key=held.__getitem__)  # of equals the first
            directory_id = fewest if preferred is None or preferred not in directories else preferred
            held[directory_id] += 1
            chosen[key] = directory_id
        self.assign(chosen)

    def assign(self, homes: Mapping[Key, bytes]) -> None:
        """Partitions are there. Raises KafkaError."""
        if homes:
            self._store.assign(homes)
            self._homes.update(homes)

    def forget(self, topic: str, indexes: Collection[int]) -> None:
        """A topic is gone. Raises KafkaError."""
        self._store.forget(topic)
        for index in indexes:
            self._homes.pop((topic, index), None)
            self._preferred.pop((topic, index), None)
