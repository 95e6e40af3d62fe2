from pathlib import Path

from kbroker.storage.sqlite.database import FILE_NAME, Database
from kbroker.storage.sqlite.directory_ids import SqliteDirectoryIds

ONE, TWO = bytes(16), bytes([1]) * 16


def test_where_partitions_are_survives_a_restart(tmp_path: Path) -> None:
    database = Database.open(tmp_path / FILE_NAME)
    ids = SqliteDirectoryIds(database)
    assert ids.load() == {}
    ids.assign({("t", 0): ONE, ("t", 1): ONE, ("u", 0): TWO})
    ids.assign({("t", 1): TWO})
    database.close()
    database = Database.open(tmp_path / FILE_NAME)
    ids = SqliteDirectoryIds(database)
    assert ids.load() == {("t", 0): ONE, ("t", 1): TWO, ("u", 0): TWO}
    ids.forget("t")
    assert ids.load() == {("u", 0): TWO}
    database.close()
