"""Access control entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from kbroker.state.acls import Acl


class AclStore(Protocol):
    """All ACLs of the cluster. Each write is durable when it returns, and is done as a whole or not at all.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def load(self) -> list[Acl]:
        """Every ACL, in the order in which they were added."""
        ...

    async def add(self, acls: Collection[Acl]) -> None:
        """Store ACLs; those that are there stay as they are."""
        ...

    async def remove(self, acls: Collection[Acl]) -> None:
        """Forget ACLs; those that aren't there are no error."""
        ...
