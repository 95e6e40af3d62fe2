"""kbroker/storage/sqlite/scram_store.py"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.scram_credentials import ScramCredential, ScramMechanism
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.scram_store import SqliteScramStore

SHA_256, SHA_512 = ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512


def credential(number: int) -> ScramCredential:
    return ScramCredential(b"salt%d" % number, b"stored", b"server", 4096 + number)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "kbroker.db")
    yield database
    database.close()


async def test_credentials_come_back_as_they_were_left(database: Database) -> None:
    store = SqliteScramStore(database)
    assert await store.load() == {}
    assert await store.is_empty()
    await store.change(
        {("a", SHA_256): credential(1), ("a", SHA_512): credential(2), ("b", SHA_256): credential(3)}, []
    )
    await store.change({("a", SHA_256): credential(4)}, [("b", SHA_256), ("c", SHA_256)])
    assert not await store.is_empty()
    assert await store.load() == {("a", SHA_256): credential(4), ("a", SHA_512): credential(2)}


async def test_a_write_that_fails_is_a_storage_error(database: Database) -> None:
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError) as raised:
        await SqliteScramStore(database).change({("a", SHA_256): credential(1)}, [])
    assert raised.value.code is ErrorCode.KAFKA_STORAGE_ERROR
