"""SCRAM credentials of users."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kbroker.state.scram_credentials import CredentialKey, ScramCredential


class ScramStore(Protocol):
    """Credentials by user and mechanism. Writes are durable when they return.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def is_empty(self) -> bool:
        """Whether there is no credential at all."""
        ...

    async def load(self) -> "dict[CredentialKey, ScramCredential]":
        """Every credential."""
        ...

    async def change(
        self, upserted: "Mapping[CredentialKey, ScramCredential]", deleted: "Iterable[CredentialKey]"
    ) -> None:
        """Set and forget credentials, all or none."""
        ...
