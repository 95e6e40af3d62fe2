"""Topics, their configs, dynamic broker configs and producer id blocks in SQLite: the embedded MetaStore."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kbroker.storage.interfaces.meta import StoredMetadata, StoredTopic, TopicDeletion

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from kbroker.storage.sqlite.database import Database

_NEXT_PRODUCER_ID = "next.producer.id"
_CHANGES = "metadata.changes"


class SqliteMetaStore:
    """MetaStore in the broker's own database; nothing here suspends. The cluster's id is its directory's.

    Writes that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    def __init__(self, database: Database, cluster_id: str) -> None:
        self._database = database
        self._cluster_id = cluster_id

    async def load(self) -> StoredMetadata:
        """Read it all."""
        return StoredMetadata(
            self._cluster_id,
            self._topics(),
            self._deletions(),
            self._broker_configs(),
            self._features(),
            self._resource_configs(),
        )

    async def create_topic(self, topic: StoredTopic) -> None:
        """Add a topic whose name and id are free."""
        with self._change() as connection:
            connection.execute(
                "INSERT INTO topics (topic_id, name, partitions) VALUES (?, ?, ?)",
                (topic.topic_id, topic.name, topic.partitions),
            )
            connection.executemany(
                "INSERT INTO topic_configs (topic_id, name, value) VALUES (?, ?, ?)",
                [(topic.topic_id, name, value) for name, value in topic.configs.items()],
            )

    async def delete_topic(self, topic_id: bytes) -> None:
        """Replace a topic and its configs by its deletion; one that is unknown is no error."""
        with self._change() as connection:
            connection.execute(
                "INSERT INTO topic_deletions (topic_id, name, partitions) "
                "SELECT topic_id, name, partitions FROM topics WHERE topic_id = ?",
                (topic_id,),
            )
            connection.execute("DELETE FROM topics WHERE topic_id = ?", (topic_id,))

    async def finish_deletion(self, topic_id: bytes) -> None:
        """Forget a deletion; one that is unknown is no error."""
        with self._change() as connection:
            connection.execute("DELETE FROM topic_deletions WHERE topic_id = ?", (topic_id,))

    async def set_partitions(self, topic_id: bytes, partitions: int) -> None:
        """Change the number of partitions."""
        with self._change() as connection:
            connection.execute("UPDATE topics SET partitions = ? WHERE topic_id = ?", (partitions, topic_id))

    async def set_topic_configs(self, topic_id: bytes, configs: Mapping[str, str]) -> None:
        """Replace what is set on a topic."""
        with self._change() as connection:
            connection.execute("DELETE FROM topic_configs WHERE topic_id = ?", (topic_id,))
            connection.executemany(
                "INSERT INTO topic_configs (topic_id, name, value) VALUES (?, ?, ?)",
                [(topic_id, name, value) for name, value in configs.items()],
            )

    async def set_broker_configs(self, resource: str, configs: Mapping[str, str]) -> None:
        """Replace the dynamic configs of one node, or of all ("")."""
        with self._change() as connection:
            connection.execute("DELETE FROM broker_configs WHERE resource = ?", (resource,))
            connection.executemany(
                "INSERT INTO broker_configs (resource, name, value) VALUES (?, ?, ?)",
                [(resource, name, value) for name, value in configs.items()],
            )

    async def set_resource_configs(
        self, resource_type: int, resource: str, configs: Mapping[str, str]
    ) -> None:
        """Replace the configs of a group or of client metrics."""
        with self._change() as connection:
            connection.execute(
                "DELETE FROM resource_configs WHERE resource_type = ? AND resource = ?",
                (resource_type, resource),
            )
            connection.executemany(
                "INSERT INTO resource_configs (resource_type, resource, name, value) VALUES (?, ?, ?, ?)",
                [(resource_type, resource, name, value) for name, value in configs.items()],
            )

    async def set_features(self, levels: Mapping[str, int]) -> None:
        """Set the finalised levels of these features."""
        with self._change() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO features (name, level) VALUES (?, ?)", list(levels.items())
            )

    async def allocate_producer_ids(self, count: int) -> int:
        """Reserve `count` producer ids; returns the first. A power cut doesn't have them given again."""
        with self._change(durable=True) as connection:
            row = connection.execute(
                "SELECT value FROM cluster WHERE name = ?", (_NEXT_PRODUCER_ID,)
            ).fetchone()
            first = 0 if row is None else int(row[0])
            connection.execute(
                "INSERT OR REPLACE INTO cluster (name, value) VALUES (?, ?)",
                (_NEXT_PRODUCER_ID, str(first + count)),
            )
        return first

    async def changes(self) -> int:
        """How many changes were made."""
        query = "SELECT value FROM cluster WHERE name = ?"
        row = self._database.connection.execute(query, (_CHANGES,)).fetchone()
        return 0 if row is None else int(row[0])

    @contextmanager
    def _change(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction that is one change."""
        database = self._database
        with database.durable_transaction() if durable else database.transaction() as connection:
            connection.execute(
                "INSERT INTO cluster (name, value) VALUES (?, '1') "
                "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
                (_CHANGES,),
            )
            yield connection

    def _topics(self) -> list[StoredTopic]:
        connection = self._database.connection
        topics = {
            topic_id: StoredTopic(name, topic_id, partitions, {})
            for topic_id, name, partitions in connection.execute(
                "SELECT topic_id, name, partitions FROM topics ORDER BY name"
            )
        }
        for topic_id, name, value in connection.execute("SELECT topic_id, name, value FROM topic_configs"):
            topics[topic_id].configs[name] = value
        return list(topics.values())

    def _deletions(self) -> list[TopicDeletion]:
        rows = self._database.connection.execute(
            "SELECT name, topic_id, partitions FROM topic_deletions ORDER BY name"
        )
        return [TopicDeletion(*row) for row in rows]

    def _broker_configs(self) -> dict[str, dict[str, str]]:
        configs: dict[str, dict[str, str]] = {}
        for resource, name, value in self._database.connection.execute(
            "SELECT resource, name, value FROM broker_configs"
        ):
            configs.setdefault(resource, {})[name] = value
        return configs

    def _features(self) -> dict[str, int]:
        return dict(self._database.connection.execute("SELECT name, level FROM features"))

    def _resource_configs(self) -> dict[tuple[int, str], dict[str, str]]:
        configs: dict[tuple[int, str], dict[str, str]] = {}
        for resource_type, resource, name, value in self._database.connection.execute(
            "SELECT resource_type, resource, name, value FROM resource_configs"
        ):
            configs.setdefault((resource_type, resource), {})[name] = value
        return configs
