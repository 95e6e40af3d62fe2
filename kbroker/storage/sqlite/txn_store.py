"""Transactional ids in SQLite: the embedded TxnStore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kbroker.storage.interfaces.transactions import StoredTransaction
    from kbroker.storage.sqlite.database import Database


class SqliteTxnStore:
    """TxnStore in the broker's own database. Nothing here suspends.

    Writes that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_empty(self) -> bool:
        """Whether there is no transactional id at all."""
        return self._database.is_empty("transactions")

    async def load(self) -> list[StoredTransaction]:
        """Every transactional id."""
        from kbroker.storage.interfaces.transactions import StoredTransaction

        query = "SELECT transactional_id, state FROM transactions ORDER BY transactional_id"
        return [StoredTransaction(*row) for row in self._database.connection.execute(query)]

    async def save(self, transaction: StoredTransaction) -> None:
        """Store one, in place of what was known of it."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO transactions (transactional_id, state) VALUES (?, ?)",
                (transaction.transactional_id, transaction.state),
            )

    async def delete(self, transactional_ids: Iterable[str]) -> None:
        """Forget transactional ids, all or none; one that is unknown is no error."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM transactions WHERE transactional_id = ?", [(each,) for each in transactional_ids]
            )

    async def clear(self) -> None:
        """Forget all transactional ids."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM transactions")
