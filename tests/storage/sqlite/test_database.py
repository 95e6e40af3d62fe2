"""kbroker/storage/sqlite/database.py"""

import sqlite3
from pathlib import Path

import pytest

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
