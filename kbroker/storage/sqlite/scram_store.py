"""SCRAM credentials in SQLite: the embedded ScramStore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kbroker.state.scram_credentials import CredentialKey, ScramCredential
    from kbroker.storage.sqlite.database import Database


class SqliteScramStore:
    """ScramStore in the broker's own database; nothing here suspends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_empty(self) -> bool:
        """Whether there is no credential at all."""
        return self._database.is_empty("scram_credentials")

    async def load(self) -> dict[CredentialKey, ScramCredential]:
        """Every credential."""
        from kbroker.state.scram_credentials import ScramCredential, ScramMechanism

        rows = self._database.connection.execute(
            "SELECT user_name, mechanism, salt, stored_key, server_key, iterations FROM scram_credentials"
        )
        return {(user, ScramMechanism(mechanism)): ScramCredential(*kept) for user, mechanism, *kept in rows}

    async def change(
        self, upserted: Mapping[CredentialKey, ScramCredential], deleted: Iterable[CredentialKey]
    ) -> None:
        """Set and forget credentials, all or none; forgetting what isn't there is no error."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM scram_credentials WHERE user_name = ? AND mechanism = ?",
                [(user, int(mechanism)) for user, mechanism in deleted],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO scram_credentials "
                "(user_name, mechanism, salt, stored_key, server_key, iterations) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (user, int(mechanism), kept.salt, kept.stored_key, kept.server_key, kept.iterations)
                    for (user, mechanism), kept in upserted.items()
                ],
            )
