"""kbroker/storage/sqlite/delegation_token_store.py"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.delegation_tokens import DelegationToken
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore

TOKEN = DelegationToken("id", "User:a", "User:b", ("User:c,d", 'User:"ü"'), 1, 2, 3)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "kbroker.db")
    yield database
    database.close()


async def test_tokens_come_back_as_they_were_left(database: Database) -> None:
    store = SqliteDelegationTokenStore(database)
    assert await store.load() == []
    other = evolve(TOKEN, token_id="another", renewers=())
    for token in (TOKEN, other, evolve(TOKEN, expires_ms=9)):
        await store.save(token)
    assert await store.load() == [evolve(TOKEN, expires_ms=9), other]
    await store.delete("id")
    await store.delete("unknown")
    assert await store.load() == [other]


async def test_a_write_that_fails_is_a_storage_error(database: Database) -> None:
    database.connection.execute("PRAGMA query_only=ON")
    store = SqliteDelegationTokenStore(database)
    for write in (store.save(TOKEN), store.delete("id")):
        with pytest.raises(KafkaError) as raised:
            await write
        assert raised.value.code is ErrorCode.KAFKA_STORAGE_ERROR
