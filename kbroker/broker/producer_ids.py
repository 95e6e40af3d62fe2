"""Producer ids: unique for ever, handed out from blocks so that few requests write to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kbroker.storage.interfaces.meta import MetaStore

BLOCK_SIZE = 1000  # Apache Kafka's ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE


class ProducerIds:
    """Gives each idempotent producer an id that no producer had before, also across restarts."""

    def __init__(self, store: MetaStore) -> None:
        self._store = store
        self._next = 0
        self._end = 0

    async def next(self) -> int:
        """A fresh producer id."""
        while self._next >= self._end:
            # Two callers may both allocate here when the store waits; a block left unused is harmless.
            first = await self._store.allocate_producer_ids(BLOCK_SIZE)
            self._next, self._end = first, first + BLOCK_SIZE
        producer_id = self._next
        self._next += 1
        return producer_id
