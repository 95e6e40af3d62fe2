"""Whether every row is of the types that its table declares: SQLite itself stores anything anywhere.

A row that a failing disk, or a person, has changed is found before it is made sense of. What it says may be wrong all
the same.
"""

import sqlite3

_INT32 = {"partition", "partitions", "leader_epoch", "changelog_partition", "iterations"}
_LEAST, _MOST = -1, 2**31 - 1
_MOST_PARTITIONS = (
    200_000  # what a whole cluster of Kafka's holds; a start would take its time to look at more
)
_TOPIC_TABLES = ("topics", "topic_deletions")


def damaged_table(connection: sqlite3.Connection) -> str | None:
    """A table with a row that can't be; None if there is none. Raises sqlite3.Error."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        wrong = [
            condition
            for _, column, kind, not_null, *_ in connection.execute(f'PRAGMA table_info("{table}")')
            for condition in _conditions(table, column, kind, bool(not_null))
        ]
        query = f'SELECT 1 FROM "{table}" WHERE {" OR ".join(wrong)} LIMIT 1'  # noqa: S608 - its own names
        if wrong and connection.execute(query).fetchone():
            return str(table)
    return None


def _conditions(table: str, column: str, kind: str, not_null: bool) -> list[str]:
    """What is true of a row that is damaged in this column."""
    if kind not in ("TEXT", "INTEGER", "BLOB"):
        return []
    or_null = "" if not_null else ", 'null'"
    conditions = [f"typeof(\"{column}\") NOT IN ('{kind.lower()}'{or_null})"]
    if column in _INT32:
        least, most = (1, _MOST_PARTITIONS) if table in _TOPIC_TABLES else (_LEAST, _MOST)
        conditions.append(f'"{column}" NOT BETWEEN {least} AND {most}')
    return conditions
