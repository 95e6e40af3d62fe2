"""Transactional ids and their transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable


@define
class StoredTransaction:
    """A transactional id as the store keeps it: `state` is the transaction's own serialisation."""

    transactional_id: str
    state: bytes


class TxnStore(Protocol):
    """The truth about transactions. Each write is durable when it returns.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def is_empty(self) -> bool:
        """Whether there is no transactional id at all."""
        ...

    async def load(self) -> list[StoredTransaction]:
        """Every transactional id."""
        ...

    async def save(self, transaction: StoredTransaction) -> None:
        """Store one, in place of what was known of it."""
        ...

    async def delete(self, transactional_ids: Iterable[str]) -> None:
        """Forget transactional ids, all or none; one that is unknown is no error."""
        ...

    async def clear(self) -> None:
        """Forget all transactional ids."""
        ...
