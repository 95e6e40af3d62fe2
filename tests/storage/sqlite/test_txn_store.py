"""kbroker/storage/sqlite/txn_store.py"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces.transactions import StoredTransaction
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.txn_store import SqliteTxnStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "kbroker.db")
    yield database
    database.close()


async def test_the_last_state_of_each_comes_back_after_a_restart(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "kbroker.db")
    store = SqliteTxnStore(database)
    assert await store.load() == []
    assert await store.is_empty()
    for name, state in [("b", b"1"), ("a", b"2"), ("b", b"3")]:
        await store.save(StoredTransaction(name, state))
    database.close()
    database = Database.open(tmp_path / "kbroker.db")
    assert not await SqliteTxnStore(database).is_empty()
    assert await SqliteTxnStore(database).load() == [
        StoredTransaction("a", b"2"),
        StoredTransaction("b", b"3"),
    ]
    database.close()


async def test_what_is_deleted_is_gone(database: Database) -> None:
    store = SqliteTxnStore(database)
    for name in ("a", "b", "c"):
        await store.save(StoredTransaction(name, b"1"))
    await store.delete(["a", "c", "unknown"])
    assert [each.transactional_id for each in await store.load()] == ["b"]


async def test_all_of_them_can_be_forgotten(database: Database) -> None:
    store = SqliteTxnStore(database)
    for name in ("a", "b"):
        await store.save(StoredTransaction(name, b"1"))
    await store.clear()
    assert await store.is_empty()
    assert await store.load() == []


async def test_a_disk_that_refuses_is_told(database: Database) -> None:
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError) as caught:
        await SqliteTxnStore(database).save(StoredTransaction("a", b"1"))
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
