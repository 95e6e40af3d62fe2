"""kbroker/storage/sqlite/database.py"""

import sqlite3
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.sqlite.database import FILE_NAME, Database, SchemaVersionError
from kbroker.storage.sqlite.schema import MIGRATIONS


def test_open_creates_the_current_schema_and_reopens_it(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    database = Database.open(path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO cluster VALUES ('id', 'abc')")
    database.close()

    reopened = Database.open(path)
    assert reopened.schema_version == len(MIGRATIONS)
    assert reopened.connection.execute("SELECT value FROM cluster").fetchall() == [("abc",)]
    reopened.close()


@pytest.mark.parametrize("before", [None, 0o644])
def test_nobody_else_may_read_what_has_credentials_in_it(tmp_path: Path, before: int | None) -> None:
    path = tmp_path / FILE_NAME
    if before is not None:
        path.touch()
        path.chmod(before)
    database = Database.open(path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO cluster VALUES ('id', 'abc')")
    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys((FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"), 0o600)
    database.close()


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])
def test_a_durable_database_syncs_each_transaction(tmp_path: Path, durable: bool, level: int) -> None:
    database = Database.open(tmp_path / FILE_NAME, durable=durable)
    assert database.connection.execute("PRAGMA synchronous").fetchone() == (level,)
    with database.durable_transaction() as connection:
        connection.execute("INSERT INTO cluster VALUES ('id', 'abc')")
    assert database.connection.execute("PRAGMA synchronous").fetchone() == (level,)
    database.close()


def test_a_transaction_that_raises_writes_nothing() -> None:
    database = Database.open(":memory:")

    def interrupted() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO cluster VALUES ('id', 'abc')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert database.connection.execute("SELECT * FROM cluster").fetchall() == []
    database.close()


def test_a_full_disk_is_a_storage_error_and_passes(tmp_path: Path) -> None:
    database = Database.open(tmp_path / FILE_NAME)

    def write(size: int) -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO cluster VALUES ('id', ?)", ("x" * size,))

    (pages,) = database.connection.execute("PRAGMA page_count").fetchone()
    database.connection.execute(f"PRAGMA max_page_count={pages}")
    for _ in range(2):
        with pytest.raises(KafkaError, match="full") as caught:
            write(1_000_000)
        assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    write(1)
    assert database.connection.execute("SELECT * FROM cluster").fetchall() == [("id", "x")]
    database.close()


def test_a_commit_that_is_refused_leaves_no_transaction_open() -> None:
    """The reference to a missing topic shows at the commit only, which by itself would not end the transaction."""
    database = Database.open(":memory:")

    def refused() -> None:
        with database.transaction() as connection:
            connection.execute("PRAGMA defer_foreign_keys=ON")
            connection.execute("INSERT INTO topic_configs VALUES (x'00', 'name', 'value')")

    for _ in range(2):
        with pytest.raises(KafkaError, match="FOREIGN KEY"):
            refused()
    database.close()


def test_a_committed_transaction_survives_without_a_close(tmp_path: Path) -> None:
    """A process that dies never closes its database; another connection sees the write all the same."""
    path = tmp_path / FILE_NAME
    database = Database.open(path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO cluster VALUES ('id', 'abc')")

    other = sqlite3.connect(path)
    assert other.execute("SELECT value FROM cluster").fetchall() == [("abc",)]
    other.close()
    database.close()


def test_an_older_file_runs_only_the_missing_migrations(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    first = ["CREATE TABLE a (x)"]
    Database.open(path, first).close()
    newer = Database.open(path, [*first, "ALTER TABLE a ADD COLUMN y"])
    assert newer.schema_version == 2
    newer.connection.execute("INSERT INTO a (x, y) VALUES (1, 2)")
    newer.close()


def test_a_failed_migration_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    Database.open(path, ["CREATE TABLE a (x)"]).close()
    with pytest.raises(sqlite3.OperationalError):
        Database.open(path, ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"])
    again = Database.open(path, ["CREATE TABLE a (x)"])
    assert again.connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("a",)]
    again.close()


def test_a_newer_file_is_refused_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    Database.open(path, ["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).close()
    with pytest.raises(SchemaVersionError, match=r"schema version 2, .* up to 1"):
        Database.open(path, ["CREATE TABLE a (x)"])
