"""Finalised features outlive the broker, and a change of them is whole."""

from pathlib import Path

import pytest

from kbroker.broker.features import Features
from kbroker.protocol.errors import KafkaError
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.meta_store import SqliteMetaStore


def opened(path: Path) -> tuple[Database, SqliteMetaStore]:
    database = Database.open(path)
    return database, SqliteMetaStore(database, "cluster")


async def loaded(store: SqliteMetaStore) -> Features:
    features = Features(store)
    await features.load((await store.load()).features)
    return features


async def test_a_new_cluster_has_the_newest_levels(tmp_path: Path) -> None:
    database, store = opened(tmp_path / "db")
    features = await loaded(store)
    names = ("metadata.version", "kraft.version", "transaction.version")
    assert [features.finalized(name) for name in names] == [30, 1, 2]
    with pytest.raises(KeyError):
        features.finalized("no.such.version")
    database.close()


async def test_a_change_is_seen_at_once_and_after_a_restart(tmp_path: Path) -> None:
    database, store = opened(tmp_path / "db")
    features = await loaded(store)
    before = features.epoch
    await features.finalize({"transaction.version": 0, "metadata.version": 29})
    epoch = features.epoch
    assert epoch > before
    database.close()
    database, store = opened(tmp_path / "db")
    for each in (features, await loaded(store)):
        assert each.epoch == epoch
        assert (each.finalized("transaction.version"), each.finalized("metadata.version")) == (0, 29)
        assert each.finalized("kraft.version") == 1
    database.close()


async def test_what_a_later_kbroker_stored_is_left_alone(tmp_path: Path) -> None:
    database, store = opened(tmp_path / "db")
    await store.set_features({"later.version": 3})
    with pytest.raises(KeyError):
        (await loaded(store)).finalized("later.version")
    database.close()


async def test_what_could_not_be_stored_is_not_finalised(tmp_path: Path) -> None:
    database, store = opened(tmp_path / "db")
    features = await loaded(store)
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError):
        await features.finalize({"transaction.version": 0})
    assert features.finalized("transaction.version") == 2
    database.close()
