"""kbroker/storage/sqlite/integrity.py"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbroker.storage.sqlite.database import DamagedDatabaseError, Database
from kbroker.storage.sqlite.integrity import damaged_table
from kbroker.storage.sqlite.schema import MIGRATIONS

OFFSET = "INSERT INTO committed_offsets VALUES ({}, {}, {}, {}, {}, '', 0, 0, x'00')"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript("".join(MIGRATIONS))
        yield connection


def test_rows_as_they_are_written(connection: sqlite3.Connection) -> None:
    assert damaged_table(connection) is None
    connection.execute(OFFSET.format("'g'", "'t'", 0, 2**63 - 1, -1))
    assert damaged_table(connection) is None


@pytest.mark.parametrize(
    "values",
    [
        ("x'67'", "'t'", 0, 0, 0),
        ("'g'", "'t'", "'x'", 0, 0),
        ("'g'", "'t'", 0, 1.5, 0),
        ("'g'", "'t'", 0, 0, 2**31),
    ],
)
def test_another_type_or_a_number_too_large(
    connection: sqlite3.Connection, values: tuple[object, ...]
) -> None:
    connection.execute(OFFSET.format(*values))
    assert damaged_table(connection) == "committed_offsets"


def test_columns_that_may_be_null_or_hold_anything(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE free (any_kind, text TEXT)")
    connection.execute("INSERT INTO free VALUES (1.5, NULL)")
    assert damaged_table(connection) is None


def test_a_damaged_file_is_named_with_its_table(tmp_path: Path) -> None:
    path = tmp_path / "kbroker.db"
    Database.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO topics VALUES (x'00', 't', -1)")
    with pytest.raises(DamagedDatabaseError, match=r"kbroker\.db is damaged: its table topics"):
        Database.open(path)
