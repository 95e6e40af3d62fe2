"""Delegation tokens in SQLite: the embedded DelegationTokenStore."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kbroker.state.delegation_tokens import DelegationToken
    from kbroker.storage.sqlite.database import Database

_COLUMNS = "token_id, owner, requester, renewers, issued_ms, expires_ms, max_ms"


class SqliteDelegationTokenStore:
    """DelegationTokenStore in the broker's own database; nothing here suspends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[DelegationToken]:
        """Every token."""
        import json  # few have tokens

        from kbroker.state.delegation_tokens import DelegationToken

        rows = self._database.connection.execute(f"SELECT {_COLUMNS} FROM delegation_tokens ORDER BY rowid")  # noqa: S608
        return [
            DelegationToken(token_id, owner, requester, tuple(json.loads(renewers)), *times)
            for token_id, owner, requester, renewers, *times in rows
        ]

    async def save(self, token: DelegationToken) -> None:
        """Add a token, or replace it."""
        import json

        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT INTO delegation_tokens ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
                "ON CONFLICT (token_id) DO UPDATE SET expires_ms = excluded.expires_ms",
                (
                    token.token_id,
                    token.owner,
                    token.requester,
                    json.dumps(token.renewers),
                    token.issued_ms,
                    token.expires_ms,
                    token.max_ms,
                ),
            )

    async def delete(self, token_id: str) -> None:
        """Forget a token; one that is unknown is no error."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM delegation_tokens WHERE token_id = ?", (token_id,))
