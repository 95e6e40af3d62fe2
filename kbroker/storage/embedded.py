"""The embedded stores: Kafka's log segments in the data directories, and SQLite in the first of them for all else."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define

from kbroker.errors import StartupError
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.errors import StorageError, UnusableDirectoryError
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.sqlite.acl_store import SqliteAclStore
from kbroker.storage.sqlite.database import (
    FILE_NAME,
    REMEDY,
    DamagedDatabaseError,
    Database,
    SchemaVersionError,
)
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore
from kbroker.storage.sqlite.directory_ids import SqliteDirectoryIds
from kbroker.storage.sqlite.group_store import SqliteGroupStore
from kbroker.storage.sqlite.meta_store import SqliteMetaStore
from kbroker.storage.sqlite.quota_store import SqliteQuotaStore
from kbroker.storage.sqlite.scram_store import SqliteScramStore
from kbroker.storage.sqlite.txn_store import SqliteTxnStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kbroker.clock import Clock
    from kbroker.config.broker_config import BrokerConfig

_logger = logging.getLogger(__name__)


@define
class EmbeddedStores:
    """Everything a broker keeps on this machine."""

    meta: SqliteMetaStore
    groups: SqliteGroupStore
    transactions: SqliteTxnStore
    quotas: SqliteQuotaStore
    logs: LocalLogStore
    scram: SqliteScramStore
    delegation_tokens: SqliteDelegationTokenStore
    acls: SqliteAclStore
    _opened: ExitStack

    def close(self) -> None:
        """Let go of the directories. Close the logs before, which may take a while and can be done in a thread."""
        self._opened.close()


def data_dirs(config: BrokerConfig) -> list[Path]:
    """The data directories that `log.dirs`, or `log.dir`, names; the first holds the metadata as well.

    Raises StartupError for what names none.
    """
    return [_directory(name) for name in config.list("log.dirs") or config.list("log.dir")]


def _directory(name: str) -> Path:
    if "\0" in name:
        raise StartupError(f"log.dirs: {name!r} is no path")
    try:
        return Path(name).expanduser().absolute()
    except RuntimeError:
        raise StartupError(f"log.dirs: {name} is in the home of a user that there is not") from None


def open_stores(path: Path, config: BrokerConfig, clock: Clock) -> EmbeddedStores:
    """Open, or make, the data directory at `path`, and the further ones of `log.dirs`.

    Further ones that the disk refuses are offline, and told of in the log. Raises StartupError when the first
    can't be used, or when one is another broker's or of a newer version.
    """
    with ExitStack() as opened:
        try:
            first = DataDir(path)
            opened.callback(first.close)
            others, offline = _open_others(data_dirs(config)[1:], opened)
            cluster_id = _identify([first, *others], config)
            database = open_database(path, config)
            opened.callback(database.close)
            logs = LocalLogStore(
                first,
                LogEnvironment(clock, settings=config),
                others,
                offline=offline,
                directory_ids=SqliteDirectoryIds(database),
            )
        except (StorageError, SchemaVersionError, DamagedDatabaseError, KafkaError) as error:
            raise StartupError(str(error)) from error
        except (OSError, sqlite3.OperationalError) as error:
            raise StartupError(f"can't use data directory {path}: {error}") from error
        except sqlite3.Error as error:
            raise StartupError(f"can't use {path / FILE_NAME}: {error}; {REMEDY}") from error
        return EmbeddedStores(
            SqliteMetaStore(database, cluster_id),
            SqliteGroupStore(database),
            SqliteTxnStore(database),
            SqliteQuotaStore(database),
            logs,
            SqliteScramStore(database),
            SqliteDelegationTokenStore(database),
            SqliteAclStore(database),
            opened.pop_all(),
        )


def open_database(path: Path, config: BrokerConfig) -> Database:
    """The database in a data directory. Raises what `Database.open` does.

    Who has every record synced counts on the topic, and on the commit, being there too.
    """
    return Database.open(path / FILE_NAME, durable=config.int("log.flush.interval.messages") == 1)


def _open_others(paths: Sequence[Path], opened: ExitStack) -> tuple[list[DataDir], list[str]]:
    """The further directories, and the paths of those that are offline. Raises StorageError."""
    others, offline = [], []
    for path in paths:
        try:
            directory = DataDir(path)
            opened.callback(directory.close)
            directory.known_cluster_id()
        except UnusableDirectoryError as error:
            _logger.error("%s; its partitions are not served", error)
            offline.append(str(path))
        else:
            others.append(directory)
    return others, offline


def _identify(directories: Sequence[DataDir], config: BrokerConfig) -> str:
    """Claim the directories for one node and one cluster; returns its id. Raises StorageError."""
    cluster_id = config.optional_str("cluster.id")
    if cluster_id is None:
        cluster_id = next((known for each in directories if (known := each.known_cluster_id())), None)
    for directory in directories:
        cluster_id = directory.identify(config.int("node.id"), cluster_id)
    ids = {each.directory_id: each.path for each in directories}
    for directory in directories:
        if ids[directory.directory_id] != directory.path:
            raise StorageError(
                f"data directories {directory.path} and {ids[directory.directory_id]} have the same directory.id"
            )
    assert cluster_id is not None  # noqa: S101  there is one directory at least
    return cluster_id
