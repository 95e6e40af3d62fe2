"""Client quotas in SQLite: the embedded QuotaStore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.state.quotas.entity import Entity
    from kbroker.storage.sqlite.database import Database


class SqliteQuotaStore:
    """QuotaStore in the broker's own database; nothing here suspends.

    An entity is JSON, in which the default's null differs from every name; a value is text, since SQLite has no NaN.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_empty(self) -> bool:
        """Whether there is no quota at all."""
        return self._database.is_empty("client_quotas")

    async def load(self) -> dict[Entity, dict[str, float]]:
        """Every quota."""
        quotas: dict[Entity, dict[str, float]] = {}
        rows = self._database.connection.execute("SELECT entity, name, value FROM client_quotas")
        for entity, name, value in rows:
            quotas.setdefault(_entity(entity), {})[name] = float(value)
        return quotas

    async def change(self, changes: Mapping[Entity, Mapping[str, float | None]]) -> None:
        """Set quotas, or remove those that are None: all or none of them."""
        import json  # few have quotas

        with self._database.transaction() as connection:
            for entity, quotas in changes.items():
                for name, value in quotas.items():
                    key = json.dumps(entity), name
                    if value is None:
                        connection.execute("DELETE FROM client_quotas WHERE entity = ? AND name = ?", key)
                    else:
                        connection.execute(
                            "INSERT OR REPLACE INTO client_quotas VALUES (?, ?, ?)", (*key, repr(value))
                        )


def _entity(text: str) -> Entity:
    import json

    return tuple((kind, name) for kind, name in json.loads(text))
