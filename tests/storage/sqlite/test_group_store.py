"""kbroker/storage/sqlite/group_store.py"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.pending_offsets import EndedOffsets
from kbroker.state.offsets import CommittedOffset
from kbroker.storage.interfaces.groups import StoredGroup, StoredPendingOffset
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
    assert await store.is_empty()


async def test_it_is_not_empty_whatever_a_group_has(store: SqliteGroupStore) -> None:
    await store.save_group("g", b"state")
    assert not await store.is_empty()
    await store.clear()
    assert await store.is_empty()
    await store.commit_offsets("g", {("t", 0): offset(1)})
    assert not await store.is_empty()
    await store.clear()
    await store.add_pending_offsets("g", 1, 0, {("t", 0): offset(1)})
    assert not await store.is_empty()


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


async def test_a_groups_state_can_be_looked_up(store: SqliteGroupStore) -> None:
    await store.save_group("g", b"one")
    assert [await store.state(group_id) for group_id in ("g", "h")] == [b"one", None]


async def test_deleted_offsets_are_gone(store: SqliteGroupStore) -> None:
    await store.commit_offsets("g", {("t", 0): offset(1), ("t", 1): offset(2)})
    await store.forget({"g": [("t", 0), ("t", 7), ("u", 0)], "unknown": [("t", 0)]})
    assert await store.load() == [StoredGroup("g", None, {("t", 1): offset(2)})]


async def test_a_deleted_group_takes_its_offsets_along(store: SqliteGroupStore) -> None:
    for group_id in ("g", "h"):
        await store.save_group(group_id, b"s")
        await store.commit_offsets(group_id, {("t", 0): offset(1)})
    await store.forget({}, ["g", "unknown"])
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


def pending(producer_id: int, partition: int, number: int, superseded: bool = False) -> StoredPendingOffset:
    return StoredPendingOffset(producer_id, "t", partition, offset(number), superseded, 17)


async def hold(store: SqliteGroupStore, producer_id: int, partition: int, number: int) -> None:
    await store.add_pending_offsets("g", producer_id, 17, {("t", partition): offset(number)})


async def test_pending_offsets_come_back_in_their_order(store: SqliteGroupStore) -> None:
    for producer_id, partition, number in ((2, 0, 1), (1, 0, 2), (2, 1, 3), (2, 0, 4)):
        await hold(store, producer_id, partition, number)
    assert await store.load() == [
        StoredGroup("g", None, {}, [pending(1, 0, 2), pending(2, 1, 3), pending(2, 0, 4)])
    ]


async def test_later_commits_supersede_pending_ones_until_those_are_made_anew(
    store: SqliteGroupStore,
) -> None:
    await hold(store, 1, 0, 1)
    await hold(store, 2, 0, 2)
    await store.commit_offsets("g", {("t", 0): offset(3)}, [(1, ("t", 0)), (2, ("t", 0))])
    await hold(store, 2, 0, 4)
    assert await store.load() == [
        StoredGroup("g", None, {("t", 0): offset(3)}, [pending(1, 0, 1, superseded=True), pending(2, 0, 4)])
    ]


async def test_the_end_of_a_transaction_is_one_step(store: SqliteGroupStore, database: Database) -> None:
    await hold(store, 1, 0, 1)
    await hold(store, 1, 1, 2)
    await hold(store, 2, 0, 3)
    ended = EndedOffsets({("t", 1): offset(2)}, [(2, ("t", 0))])
    before = await store.load()
    unfit = EndedOffsets({("t", 1): offset(2), ("t", 2): offset(2)})
    unfit.committed["t", 2].metadata = None  # type: ignore[assignment]
    with pytest.raises(KafkaError):
        await store.end_pending_offsets(1, {"g": unfit})
    assert await store.load() == before
    for _ in range(2):  # it may be repeated
        await store.end_pending_offsets(1, {"g": ended, "nobody": EndedOffsets()})
    assert await store.load() == [
        StoredGroup("g", None, {("t", 1): offset(2)}, [pending(2, 0, 3, superseded=True)])
    ]


async def test_what_is_forgotten_is_pending_no_more(store: SqliteGroupStore) -> None:
    await hold(store, 1, 0, 1)
    await hold(store, 1, 1, 2)
    await store.forget({"g": [("t", 0)]})
    assert [group.pending for group in await store.load()] == [[pending(1, 1, 2)]]
    await store.forget({}, ["g"])
    assert await store.load() == []


async def test_all_can_be_forgotten_at_once(store: SqliteGroupStore) -> None:
    await store.save_group("g", b"s")
    await store.commit_offsets("h", {("t", 0): offset(1)})
    await hold(store, 1, 0, 1)
    await store.clear()
    assert await store.load() == []
