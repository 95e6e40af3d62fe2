"""Client quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.state.quotas.entity import Entity


class QuotaStore(Protocol):
    """Quotas by entity and key. A write is durable when it returns, or raises KafkaError KAFKA_STORAGE_ERROR."""

    async def is_empty(self) -> bool:
        """Whether there is no quota at all."""
        ...

    async def load(self) -> dict[Entity, dict[str, float]]:
        """Every quota."""
        ...

    async def change(self, changes: Mapping[Entity, Mapping[str, float | None]]) -> None:
        """Set quotas, or remove those that are None: all or none of them."""
        ...
