"""ACLs in SQLite: the embedded AclStore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from kbroker.state.acls import Acl
    from kbroker.storage.sqlite.database import Database

_COLUMNS = "resource_type, resource_name, pattern_type, principal, host, operation, permission_type"
_INSERT = f"INSERT OR IGNORE INTO acls ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants alone
_SELECT = f"SELECT {_COLUMNS} FROM acls ORDER BY number"  # noqa: S608
_DELETE = f"DELETE FROM acls WHERE ({_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


class SqliteAclStore:
    """AclStore in the broker's own database. Nothing here suspends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Acl]:
        """Every ACL, in the order in which they were added."""
        from kbroker.state.acls import Acl

        return [Acl(*row) for row in self._database.connection.execute(_SELECT)]

    async def add(self, acls: Collection[Acl]) -> None:
        """Store ACLs; those that are there stay as they are."""
        with self._database.transaction() as connection:
            connection.executemany(_INSERT, acls)

    async def remove(self, acls: Collection[Acl]) -> None:
        """Forget ACLs; those that aren't there are no error."""
        with self._database.transaction() as connection:
            connection.executemany(_DELETE, acls)
