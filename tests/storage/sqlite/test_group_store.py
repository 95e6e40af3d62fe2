"""kbroker/storage/sqlite/group_store.py"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.offsets import CommittedOffset
from kbroker.storage.interfaces import StoredGroup
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.group_store import SqliteGroupStore

TOPIC_ID = bytes(range(16))


def offset(number: int) -> CommittedOffset:
    return CommittedOffset(number, 3, f"metadata {number}", 1_700_000_000_000, -1, TOPIC_ID)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path / "kbroker.db")
    yield database
    database.close()


@pytest.fixture
async def store(database: Database) -> SqliteGroupStore:
    return SqliteGroupStore(database)


async def test_nothing_is_there_at_first(store: SqliteGroupStore) -> None:
    assert await store.load() == []


async def test_state_and_offsets_come_back(store: SqliteGroupStore) -> None:
    await store.save_group("g", b"one")
    await store.save_group("g", b"two")
    await store.commit_offsets("g", {("t", 0): offset(1), ("t", 1): offset(2)})
    await store.commit_offsets("g", {("t", 1): offset(3)})
    await store.commit_offsets("simple", {("t", 0): offset(2**63 - 1)})
    assert sorted(await store.load(), key=lambda group: group.group_id) == [
        StoredGroup("g", b"two", {("t", 0): offset(1), ("t", 1): offset(3)}),
        StoredGroup("simple", None, {("t", 0): offset(2**63 - 1)}),
    ]


async def test_deleted_offsets_are_gone(store: SqliteGroupStore) -> None:
    await store.commit_offsets("g", {("t", 0): offset(1), ("t", 1): offset(2)})
    await store.delete_offsets("g", [("t", 0), ("t", 7), ("u", 0)])
    assert await store.load() == [StoredGroup("g", None, {("t", 1): offset(2)})]


async def test_a_deleted_group_takes_its_offsets_along(store: SqliteGroupStore) -> None:
    for group_id in ("g", "h"):
        await store.save_group(group_id, b"s")
        await store.commit_offsets(group_id, {("t", 0): offset(1)})
    await store.delete_group("g")
    await store.delete_group("unknown")
    assert [group.group_id for group in await store.load()] == ["h"]


async def test_a_commit_outlives_a_process_that_dies(tmp_path: Path, store: SqliteGroupStore) -> None:
    """Nothing was closed, and another connection reads it."""
    await store.commit_offsets("g", {("t", 0): offset(1)})
    other = Database.open(tmp_path / "kbroker.db")
    assert await SqliteGroupStore(other).load() == [StoredGroup("g", None, {("t", 0): offset(1)})]
    other.close()


async def test_offsets_are_stored_all_or_none(store: SqliteGroupStore) -> None:
    unfit = offset(1)
    unfit.metadata = None  # type: ignore[assignment]
    with pytest.raises(KafkaError) as raised:
        await store.commit_offsets("g", {("t", 0): offset(1), ("t", 1): unfit})
    assert raised.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert await store.load() == []


async def test_a_database_that_cannot_be_written_is_a_storage_error(
    store: SqliteGroupStore, database: Database
) -> None:
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError, match="KAFKA_STORAGE_ERROR"):
        await store.save_group("g", b"s")
