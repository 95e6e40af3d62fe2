"""Rows of the database that say what no row should: the broker starts, or says that its database is damaged."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path

import trio
from fixtures import outcome
from fixtures.broker_thread import Clock, memory_directory
from fixtures.data_directory import config_of, make
from fixtures.source import Source
from trio.testing import MockClock

from kbroker.embedded import open_broker
from kbroker.errors import StartupError
from kbroker.storage.sqlite.database import FILE_NAME

_MOST_CHANGES = 3
_VALUES = (
    None, 0, -1, 2**63 - 1, -(2**63), 2**31, 1.5, float("inf"), "", "x", "\0", "[]", "null", "[[", '{"a": 1}',
    '[["user"]]', "1e999", "nan", b"", b"\0" * 16, b"\xff" * 16, b"\0\3", "first", "g",
)  # fmt: skip


@cache
def _work() -> Path:
    work = Path(tempfile.mkdtemp(prefix="kbroker-fuzz-", dir=memory_directory()))
    make(work / "whole", clean=True)
    return work


@cache
def _columns() -> list[tuple[str, str]]:
    with closing(sqlite3.connect(_work() / "whole" / FILE_NAME)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return [
            (table, column)
            for table in tables
            if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for _, column, *_ in connection.execute(f"PRAGMA table_info({table})")
        ]


def check(data: bytes) -> None:
    """Change up to three columns, each of one row or of all, and start."""
    source = Source(data)
    directory = _work() / "damaged"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for name in (FILE_NAME, "meta.properties", "kbroker.format"):
        shutil.copyfile(_work() / "whole" / name, directory / name)
    with closing(sqlite3.connect(directory / FILE_NAME)) as connection:
        for _ in range(1 + source.byte() % _MOST_CHANGES):
            _change(source, connection)
        connection.commit()
    try:
        trio.run(partial(_start, directory), clock=MockClock(autojump_threshold=0))
    except StartupError as error:
        assert str(directory) in str(error), f"which file is it? {error}"
        outcome.note(str(error)[-40:])


def _change(source: Source, connection: sqlite3.Connection) -> None:
    table, column = source.pick(_columns())
    kind = source.byte()
    value: object = source.pick(_VALUES)
    if kind >= 128:
        value = source.take(source.byte())
        value = value if kind & 1 else value.decode("utf-8", "replace")
    outcome.note(table, column)
    try:
        if kind & 2:
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
        else:  # damage in place: the old value with one byte changed
            rows = [old for (old,) in connection.execute(f"SELECT {column} FROM {table} LIMIT 4")]
            old = source.pick(rows)
            connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE {column} IS ?", (_damaged(source, old, value), old)
            )
    except sqlite3.IntegrityError:
        outcome.note("refused")


def _damaged(source: Source, old: object, otherwise: object) -> object:
    if isinstance(old, int):
        return (old ^ 1 << source.byte() % 63) if source.byte() & 1 else otherwise
    content = bytearray(old.encode() if isinstance(old, str) else old if isinstance(old, bytes) else b"")
    if not content:
        return otherwise
    if source.byte() & 1:
        content[source.byte() % len(content)] ^= 1 << source.byte() % 8
    else:
        del content[source.byte() % len(content) :]
    return content.decode("utf-8", "replace") if isinstance(old, str) else bytes(content)


async def _start(directory: Path) -> None:
    async with (
        open_broker(config_of(directory), directory, Clock()) as broker,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(broker.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()


def seeds() -> Iterator[bytes]:
    """Each column with each value, and with its own damaged."""
    for index in range(len(_columns())):
        for number in range(len(_VALUES)):
            yield bytes((0, index, 2, number))
        for number in range(6):
            yield bytes((0, index, 0, 5, number, number, number * 3 + 1, number))


def close() -> None:
    """Remove the directories."""
    shutil.rmtree(_work())
    _work.cache_clear()
    _columns.cache_clear()
