"""Delegation tokens."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kbroker.state.delegation_tokens import DelegationToken


class DelegationTokenStore(Protocol):
    """Tokens by id; their HMACs are not kept. Writes are durable when they return.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def load(self) -> "list[DelegationToken]":
        """Every token."""
        ...

    async def save(self, token: "DelegationToken") -> None:
        """Add a token, or replace it."""
        ...

    async def delete(self, token_id: str) -> None:
        """Forget a token; one that is unknown is no error."""
        ...
