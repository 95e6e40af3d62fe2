"""The embedded stores of one data directory: Kafka's log segments, and SQLite for all else."""

import sqlite3
from pathlib import Path

from attrs import define

from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.errors import StorageError
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.sqlite.database import FILE_NAME, Database, SchemaVersionError
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore
from kbroker.storage.sqlite.group_store import SqliteGroupStore
from kbroker.storage.sqlite.meta_store import SqliteMetaStore
from kbroker.storage.sqlite.quota_store import SqliteQuotaStore
from kbroker.storage.sqlite.scram_store import SqliteScramStore
from kbroker.storage.sqlite.txn_store import SqliteTxnStore


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
    _data_dir: DataDir
    _database: Database

    def close(self) -> None:
        """Let go of the directory. Close the logs before, which may take a while and can be done in a thread."""
        self._database.close()
        self._data_dir.close()


def open_stores(path: Path, config: BrokerConfig, clock: Clock) -> EmbeddedStores:
    """Open, or make, the data directory at `path`.

    Raises StartupError when it can't be used: another broker's, not writable, of a newer version.
    """
    try:
        data_dir = DataDir(path)
        try:
            cluster_id = data_dir.identify(config.int("node.id"), config.optional_str("cluster.id"))
            logs = LocalLogStore(data_dir, LogEnvironment(clock, settings=config))
            database = Database.open(path / FILE_NAME)
        except BaseException:
            data_dir.close()
            raise
    except (StorageError, SchemaVersionError) as error:
        raise StartupError(str(error)) from error
    except (OSError, sqlite3.Error) as error:
        raise StartupError(f"can't use data directory {path}: {error}") from error
    return EmbeddedStores(
        SqliteMetaStore(database, cluster_id),
        SqliteGroupStore(database),
        SqliteTxnStore(database),
        SqliteQuotaStore(database),
        logs,
        SqliteScramStore(database),
        SqliteDelegationTokenStore(database),
        data_dir,
        database,
    )
