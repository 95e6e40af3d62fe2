"""kbroker/storage/sqlite/schema.py"""

import sqlite3

from kbroker.storage.sqlite.schema import MIGRATIONS


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def test_version_1_is_what_it_was() -> None:
    """Data directories of this version exist: a change here is a new migration instead."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(MIGRATIONS[0])
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE sql NOT NULL")]
    assert {table: columns(connection, table) for table in sorted(tables)} == {
        "broker_configs": ["resource", "name", "value"],
        "cluster": ["name", "value"],
        "committed_offsets": [
            "group_id",
            "topic",
            "partition",
            "committed_offset",
            "leader_epoch",
            "metadata",
            "commit_timestamp",
            "expire_timestamp",
            "topic_id",
        ],
        "consumer_groups": ["group_id", "state"],
        "topic_configs": ["topic_id", "name", "value"],
        "topics": ["topic_id", "name", "partitions"],
    }
    connection.close()


def test_version_2_remembers_deletions() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(MIGRATIONS[1])
    assert columns(connection, "topic_deletions") == ["topic_id", "name", "partitions"]
    connection.close()


def test_features_have_levels() -> None:
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    assert columns(connection, "features") == ["name", "level"]
    connection.close()


def test_transactions_have_a_state() -> None:
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    assert columns(connection, "transactions") == ["transactional_id", "state"]
    connection.close()


def test_client_quotas_have_entities() -> None:
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    assert columns(connection, "client_quotas") == ["entity", "name", "value"]
    connection.close()


def test_offsets_of_open_transactions_are_kept() -> None:
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    assert columns(connection, "pending_offsets") == [
        "made",
        "group_id",
        "producer_id",
        "topic",
        "partition",
        "committed_offset",
        "leader_epoch",
        "metadata",
        "commit_timestamp",
        "topic_id",
        "superseded",
        "changelog_partition",
    ]
    connection.close()


def test_groups_and_client_metrics_have_configs() -> None:
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    assert columns(connection, "resource_configs") == ["resource_type", "resource", "name", "value"]
    connection.close()


def test_the_migrations_run_one_after_the_other() -> None:
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    connection.close()
