"""SCRAM credentials: known in memory, kept in the store, changed by request and at first start."""

from collections.abc import Iterable

import trio

from kbroker.state.scram_credentials import (
    CredentialKey,
    Deletion,
    Refusal,
    ScramCredential,
    ScramMechanism,
    Upsertion,
    check_changes,
)
from kbroker.storage.interfaces.scram import ScramStore


class ScramUsers:
    """Users that may log in with SCRAM."""

    def __init__(self, store: ScramStore) -> None:
        self._store = store
        self._credentials: dict[CredentialKey, ScramCredential] = {}
        self._changes = trio.Lock()

    async def load(self) -> None:
        """Read what the store holds."""
        self._credentials = await self._store.load()

    def credential(self, user: str, mechanism: ScramMechanism) -> ScramCredential | None:
        """What a user logs in with."""
        return self._credentials.get((user, mechanism))

    def users(self) -> list[str]:
        """Every user that has a credential."""
        return sorted({user for user, _ in self._credentials})

    def iterations(self, user: str) -> list[tuple[ScramMechanism, int]]:
        """The mechanisms that a user has credentials of, with the iterations of each."""
        return [
            (mechanism, kept.iterations)
            for mechanism in ScramMechanism
            if (kept := self._credentials.get((user, mechanism)))
        ]

    async def alter(
        self, deletions: Iterable[Deletion], upsertions: Iterable[Upsertion]
    ) -> dict[str, Refusal | None]:
        """Make those changes that may be made; by user, why one wasn't. Raises KafkaError KAFKA_STORAGE_ERROR."""
        from kbroker.state.authentication.scram_keys import credential_of_salted

        async with self._changes:
            deleted, upserted, refused = check_changes(deletions, upsertions, self._credentials)
            gone = [(user, ScramMechanism(each.mechanism)) for user, each in deleted.items()]
            new = {
                (user, mechanism := ScramMechanism(each.mechanism)): credential_of_salted(
                    mechanism, each.salted_password, each.salt, each.iterations
                )
                for user, each in upserted.items()
            }
            await self._change(new, gone)
        return dict.fromkeys((*deleted, *upserted)) | refused

    async def add_missing(self, credentials: dict[CredentialKey, ScramCredential]) -> None:
        """Add credentials of users that have none of that mechanism. Raises KafkaError KAFKA_STORAGE_ERROR."""
        async with self._changes:
            await self._change(
                {key: kept for key, kept in credentials.items() if key not in self._credentials}, []
            )

    async def _change(self, new: dict[CredentialKey, ScramCredential], gone: Iterable[CredentialKey]) -> None:
        if new or gone:
            await self._store.change(new, gone)
        for key in gone:
            del self._credentials[key]
        self._credentials.update(new)
