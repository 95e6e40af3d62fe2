"""Committed offsets, pending ones and group state in SQLite: the embedded GroupStore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from kbroker.state.groups.pending_offsets import EndedOffsets, ProducerAndPartition
    from kbroker.state.offsets import CommittedOffset, TopicPartition
    from kbroker.storage.interfaces.groups import StoredGroup
    from kbroker.storage.sqlite.database import Database

_UPSERT_OFFSET = """
INSERT OR REPLACE INTO committed_offsets (group_id, topic, partition, committed_offset, leader_epoch,
metadata, commit_timestamp, expire_timestamp, topic_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SELECT_OFFSETS = """
SELECT group_id, topic, partition, committed_offset, leader_epoch, metadata, commit_timestamp,
expire_timestamp, topic_id FROM committed_offsets ORDER BY group_id, topic, partition
"""
# A replaced row has a new number, so that it is the last one made.
_UPSERT_PENDING = """
INSERT OR REPLACE INTO pending_offsets (group_id, producer_id, changelog_partition, topic, partition,
committed_offset, leader_epoch, metadata, commit_timestamp, topic_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SELECT_PENDING = """
SELECT group_id, producer_id, changelog_partition, superseded, topic, partition, committed_offset,
leader_epoch, metadata, commit_timestamp, topic_id FROM pending_offsets ORDER BY made
"""
_SUPERSEDE = """
UPDATE pending_offsets SET superseded = 1 WHERE group_id = ? AND producer_id = ? AND topic = ? AND partition = ?
"""
_TABLES = ("consumer_groups", "committed_offsets", "pending_offsets")
_IN_PARTITION = "WHERE group_id = ? AND topic = ? AND partition = ?"


class SqliteGroupStore:
    """GroupStore in the broker's own database. Nothing here suspends.

    Writes that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_empty(self) -> bool:
        """Whether no group has a state or offsets."""
        return all(self._database.is_empty(table) for table in _TABLES)

    async def load(self) -> list[StoredGroup]:
        """Every group that has a state or offsets."""
        from kbroker.state.offsets import NEVER_GIVEN, CommittedOffset
        from kbroker.storage.interfaces.groups import StoredGroup, StoredPendingOffset

        connection = self._database.connection
        groups = {
            group_id: StoredGroup(group_id, state, {})
            for group_id, state in connection.execute("SELECT group_id, state FROM consumer_groups")
        }
        for group_id, topic, partition, *offset in connection.execute(_SELECT_OFFSETS):
            group = groups.setdefault(group_id, StoredGroup(group_id, None, {}))
            group.offsets[topic, partition] = CommittedOffset(*offset)
        for group_id, producer_id, index, superseded, topic, partition, *rest in connection.execute(
            _SELECT_PENDING
        ):
            offset, leader_epoch, metadata, committed_ms, topic_id = rest
            held = CommittedOffset(offset, leader_epoch, metadata, committed_ms, NEVER_GIVEN, topic_id)
            groups.setdefault(group_id, StoredGroup(group_id, None, {})).pending.append(
                StoredPendingOffset(producer_id, topic, partition, held, bool(superseded), index)
            )
        return list(groups.values())

    async def commit_offsets(
        self,
        group_id: str,
        offsets: Mapping[TopicPartition, CommittedOffset],
        superseded: Iterable[ProducerAndPartition] = (),
    ) -> None:
        """Store offsets, which supersede pending ones."""
        with self._database.transaction() as connection:
            _commit(connection, group_id, offsets)
            _supersede(connection, group_id, superseded)

    async def add_pending_offsets(
        self,
        group_id: str,
        producer_id: int,
        changelog_partition: int,
        offsets: Mapping[TopicPartition, CommittedOffset],
    ) -> None:
        """Store what a transaction commits, in the place of what it committed before."""
        with self._database.transaction() as connection:
            connection.executemany(
                _UPSERT_PENDING,
                [
                    (
                        group_id,
                        producer_id,
                        changelog_partition,
                        topic,
                        partition,
                        held.offset,
                        held.leader_epoch,
                        held.metadata,
                        held.commit_timestamp,
                        held.topic_id,
                    )
                    for (topic, partition), held in offsets.items()
                ],
            )

    async def end_pending_offsets(self, producer_id: int, ended: Mapping[str, EndedOffsets]) -> None:
        """Forget what a producer's transaction has pending in groups, after it has had the effects of `ended`."""
        with self._database.transaction() as connection:
            for group_id, effects in ended.items():
                _commit(connection, group_id, effects.committed)
                _supersede(connection, group_id, effects.superseded)
                connection.execute(
                    "DELETE FROM pending_offsets WHERE group_id = ? AND producer_id = ?",
                    (group_id, producer_id),
                )

    async def state(self, group_id: str) -> bytes | None:
        """A group's state, if it has one."""
        row = self._database.connection.execute(
            "SELECT state FROM consumer_groups WHERE group_id = ?", (group_id,)
        ).fetchone()
        return None if row is None else row[0]

    async def save_group(self, group_id: str, state: bytes) -> None:
        """Store a group's state."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO consumer_groups (group_id, state) VALUES (?, ?)", (group_id, state)
            )

    async def forget(
        self, offsets: Mapping[str, Iterable[TopicPartition]], groups: Iterable[str] = ()
    ) -> None:
        """Forget groups' offsets in partitions, and whole groups with all they have. Unknown ones are no error."""
        partitions = [
            (group_id, topic, partition) for group_id, each in offsets.items() for topic, partition in each
        ]
        group_ids = [(group_id,) for group_id in groups]
        with self._database.transaction() as connection:
            for table in ("committed_offsets", "pending_offsets"):
                connection.executemany(f"DELETE FROM {table} {_IN_PARTITION}", partitions)  # noqa: S608 - ours
            for table in _TABLES:
                connection.executemany(f"DELETE FROM {table} WHERE group_id = ?", group_ids)  # noqa: S608 - ours

    async def clear(self) -> None:
        """Forget all groups with all they have."""
        with self._database.transaction() as connection:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - ours


def _commit(
    connection: sqlite3.Connection, group_id: str, offsets: Mapping[TopicPartition, CommittedOffset]
) -> None:
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


def _supersede(
    connection: sqlite3.Connection, group_id: str, pending: Iterable[ProducerAndPartition]
) -> None:
    if pending:
        connection.executemany(
            _SUPERSEDE, [(group_id, producer_id, *partition) for producer_id, partition in pending]
        )
