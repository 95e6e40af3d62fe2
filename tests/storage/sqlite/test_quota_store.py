"""Client quotas in SQLite."""

import math
from pathlib import Path

import pytest

from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import entity_of
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.quota_store import SqliteQuotaStore

DEFAULT, EMPTYISH = entity_of([("user", None)]), entity_of([("user", "None")])
BOTH = entity_of([("user", "ü %/*?\0"), ("client-id", None)])


async def test_what_is_set_is_there_after_a_restart(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "db")
    store = SqliteQuotaStore(database)
    assert await store.is_empty()
    await store.change({DEFAULT: {"a": 1e-9, "b": math.inf}, EMPTYISH: {"a": 2.0}, BOTH: {"a": 0.1}})
    await store.change(
        {DEFAULT: {"a": None, "b": 3.0}, EMPTYISH: {"a": None}, BOTH: {"x": None, "y": math.nan}}
    )
    database.close()
    database = Database.open(tmp_path / "db")
    assert not await SqliteQuotaStore(database).is_empty()
    loaded = await SqliteQuotaStore(database).load()
    assert math.isnan(loaded[BOTH].pop("y"))
    assert loaded == {DEFAULT: {"b": 3.0}, BOTH: {"a": 0.1}}
    database.close()


async def test_a_disk_that_refuses() -> None:
    database = Database.open(":memory:")
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError):
        await SqliteQuotaStore(database).change({DEFAULT: {"a": 1.0}})
    assert await SqliteQuotaStore(database).load() == {}
    database.close()
