"""Committed offsets and group state in SQLite: the embedded GroupStore."""

from collections.abc import Iterable, Mapping

from attrs import define

from kbroker.state.offsets import CommittedOffset, TopicPartition
from kbroker.storage.interfaces import StoredGroup
from kbroker.storage.sqlite.database import Database

_UPSERT_OFFSET = """
INSERT OR REPLACE INTO committed_offsets (group_id, topic, partition, committed_offset, leader_epoch,
metadata, commit_timestamp, expire_timestamp, topic_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SELECT_OFFSETS = """
SELECT group_id, topic, partition, committed_offset, leader_epoch, metadata, commit_timestamp,
expire_timestamp, topic_id FROM committed_offsets ORDER BY group_id, topic, partition
"""


@define
class SqliteGroupStore:
    """GroupStore in the broker's own database. Nothing here suspends.

    Writes that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    _database: Database

    async def load(self) -> list[StoredGroup]:
        """Every group that has a state or offsets."""
        connection = self._database.connection
        groups = {
            group_id: StoredGroup(group_id, state, {})
            for group_id, state in connection.execute("SELECT group_id, state FROM consumer_groups")
        }
        for group_id, topic, partition, *offset in connection.execute(_SELECT_OFFSETS):
            group = groups.setdefault(group_id, StoredGroup(group_id, None, {}))
            group.offsets[topic, partition] = CommittedOffset(*offset)
        return list(groups.values())

    async def commit_offsets(self, group_id: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
        """Store offsets, all or none."""
        with self._database.transaction() as connection:
            connection.executemany(
                _UPSERT_OFFSET,
                [
                    (
                        group_id,
                        topic,
                        partition,
                        committed.offset,
                        committed.leader_epoch,
                        committed.metadata,
                        committed.commit_timestamp,
                        committed.expire_timestamp,
                        committed.topic_id,
                    )
                    for (topic, partition), committed in offsets.items()
                ],
            )

    async def delete_offsets(self, group_id: str, partitions: Iterable[TopicPartition]) -> None:
        """Forget offsets; those that were never committed are no error."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM committed_offsets WHERE group_id = ? AND topic = ? AND partition = ?",
                [(group_id, topic, partition) for topic, partition in partitions],
            )

    async def save_group(self, group_id: str, state: bytes) -> None:
        """Store a group's state."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO consumer_groups (group_id, state) VALUES (?, ?)", (group_id, state)
            )

    async def delete_group(self, group_id: str) -> None:
        """Forget a group and its offsets; one that is unknown is no error."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM consumer_groups WHERE group_id = ?", (group_id,))
            connection.execute("DELETE FROM committed_offsets WHERE group_id = ?", (group_id,))
