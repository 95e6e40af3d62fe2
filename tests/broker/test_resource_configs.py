"""Settings of groups and client metrics outlive the broker, and are gone with the last of them."""

from pathlib import Path

import pytest

from kbroker.broker.resource_configs import ResourceConfigs
from kbroker.protocol.errors import KafkaError
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.meta_store import SqliteMetaStore

CLIENT_METRICS, GROUP = 16, 32


async def test_what_is_set_is_there_after_a_restart(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "db")
    store = SqliteMetaStore(database, "cluster")
    configs = ResourceConfigs(store)
    await configs.change(GROUP, "g", lambda before: {**before, "a": "1"})
    await configs.change(GROUP, "g", lambda before: {**before, "b": "2"})
    await configs.change(CLIENT_METRICS, "m", lambda _: {"a": "3"})
    again = ResourceConfigs(store)
    again.load((await store.load()).resource_configs)
    for each in (configs, again):
        assert each.of(GROUP, "g") == {"a": "1", "b": "2"}
        assert each.of(CLIENT_METRICS, "g") == {}
        assert (each.names(GROUP), each.names(CLIENT_METRICS)) == (["g"], ["m"])
    await configs.change(GROUP, "g", lambda _: {})
    assert configs.names(GROUP) == []
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError):
        await configs.change(CLIENT_METRICS, "m", lambda _: {"a": "4"})
    assert configs.of(CLIENT_METRICS, "m") == {"a": "3"}
    database.close()
