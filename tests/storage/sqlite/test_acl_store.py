"""kbroker/storage/sqlite/acl_store.py"""

from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl
from kbroker.storage.sqlite.acl_store import SqliteAclStore
from kbroker.storage.sqlite.database import Database

READ = Acl(2, "t", 3, "User:é", "*", 3, 3)
WRITE = READ._replace(operation=4)


async def test_acls_come_back_in_the_order_in_which_they_were_added(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "kbroker.db")
    store = SqliteAclStore(database)
    assert await store.load() == []
    await store.add([WRITE, READ])
    await store.add([READ, READ._replace(host="h")])
    database.close()

    database = Database.open(tmp_path / "kbroker.db")
    store = SqliteAclStore(database)
    assert await store.load() == [WRITE, READ, READ._replace(host="h")]
    await store.remove([WRITE, WRITE, READ._replace(host="other")])
    assert await store.load() == [READ, READ._replace(host="h")]
    database.close()


async def test_a_write_that_fails_is_a_storage_error(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "kbroker.db")
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError) as failed:
        await SqliteAclStore(database).add([READ])
    assert failed.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    database.close()
