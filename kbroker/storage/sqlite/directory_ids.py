"""Which directory each partition is in, in SQLite: see `storage.log.placement`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.storage.sqlite.database import Database

Key = tuple[str, int]


class SqliteDirectoryIds:
    """Rows are there only where there were several directories once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> dict[Key, bytes]:
        """The id of the directory that each partition is in."""
        rows = self._database.connection.execute(
            "SELECT topic, partition, directory_id FROM partition_directories"
        )
        return {(topic, partition): directory_id for topic, partition, directory_id in rows}

    def assign(self, partitions: Mapping[Key, bytes]) -> None:
        """These partitions are there now. Raises KafkaError KAFKA_STORAGE_ERROR."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO partition_directories (topic, partition, directory_id) VALUES (?, ?, ?)",
                [(*key, directory_id) for key, directory_id in partitions.items()],
            )

    def forget(self, topic: str) -> None:
        """A topic is gone. Raises KafkaError KAFKA_STORAGE_ERROR."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM partition_directories WHERE topic = ?", (topic,))
