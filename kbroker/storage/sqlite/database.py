"""The one SQLite file of a data directory: how it is opened, versioned and written."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.sqlite.integrity import damaged_table
from kbroker.storage.sqlite.schema import MIGRATIONS

FILE_NAME = "kbroker.db"
IN_MEMORY = ":memory:"
OWNER_ONLY = 0o600
REMEDY = (  # where the file is damaged
    "put a copy of the file back, or move it away to start without topics; new ones of the same names will set the old "
    "ones' directories aside"
)


class SchemaVersionError(Exception):
    """The file was written by a newer kbroker, or is no kbroker database."""


class DamagedDatabaseError(Exception):
    """A table has a row that no kbroker has written."""


@define
class Database:
    """One open connection, shared by all stores of a broker and used by one thread.

    Write-ahead log with synchronous=NORMAL: what a transaction wrote survives the death of the process at any
    moment, and the file stays consistent through a power cut, which may only take the last transactions with
    it. That is what Kafka's own unflushed log gives. A durable one has synchronous=FULL, and loses nothing.
    """

    connection: sqlite3.Connection

    @classmethod
    def open(
        cls, path: Path | str, migrations: Sequence[str] = MIGRATIONS, *, durable: bool = False
    ) -> "Database":
        """Open the file at `path` (":memory:" in tests), creating or migrating it as needed.

        `durable`: each transaction is on the disk before it is done, which takes a sync.

        Raises SchemaVersionError, DamagedDatabaseError, or sqlite3.Error when the file cannot be read or written.
        """
        _keep_to_owner(path)
        # isolation_level None: transactions begin where `transaction` says and nowhere else.
        connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        database = cls(connection)
        try:
            # In this order: making the file syncs it once less, while there is nothing in it to be lost.
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA foreign_keys=ON")
            database._migrate(migrations)
            if durable:
                connection.execute("PRAGMA synchronous=FULL")
            if table := damaged_table(connection):
                raise DamagedDatabaseError(
                    f"{path} is damaged: its table {table} has a row that can't be; {REMEDY}"
                )
        except BaseException:
            connection.close()
            raise
        return database

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What the block writes is stored when it ends, or not at all when it raises. Not to be nested.

        What SQLite refuses, on a full disk for one, raises KafkaError KAFKA_STORAGE_ERROR.
        """
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself ends one that the disk has no room for
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error

    def is_empty(self, table: str) -> bool:
        """Whether a table has no rows."""
        return self.connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None  # noqa: S608 - ours

    @contextmanager
    def durable_transaction(self) -> Iterator[sqlite3.Connection]:
        """A `transaction` that a power cut doesn't take back, nor any before it."""
        (before,) = self.connection.execute("PRAGMA synchronous").fetchone()
        self.connection.execute("PRAGMA synchronous=FULL")
        try:
            with self.transaction() as connection:
                yield connection
        finally:
            self.connection.execute(f"PRAGMA synchronous={before}")

    @property
    def schema_version(self) -> int:
        """How many migrations the file has seen."""
        version: int = self.connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self.connection.close()

    def _migrate(self, migrations: Sequence[str]) -> None:
        version = self.schema_version
        if version > len(migrations):
            raise SchemaVersionError(
                f"the database has schema version {version}, this kbroker knows those up to {len(migrations)}"
            )
        for number, script in enumerate(migrations[version:], start=version + 1):
            # executescript would commit on its own, so each migration carries its transaction with it.
            self.connection.executescript(f"BEGIN;\n{script};\nPRAGMA user_version = {number};\nCOMMIT;")


def _keep_to_owner(path: Path | str) -> None:
    """Let nobody else read the file, in which there are credentials. What SQLite keeps beside it is like it."""
    if path == IN_MEMORY:
        return
    with suppress(OSError):  # SQLite tells better what is wrong, and another owner has seen to it himself
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
        Path(path).chmod(OWNER_ONLY)
