"""The cluster's ACLs: what the store keeps, and the authorizer goes by."""

from collections.abc import Sequence

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl, AclFilter, Authorizer
from kbroker.storage.interfaces.acls import AclStore

MAX_CHANGES_PER_REQUEST = 10_000  # as Apache Kafka's controller has it


class Acls:
    """Changes of ACLs, durable before they are effective."""

    def __init__(self, store: AclStore, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def load(self) -> None:
        """Take over what the store holds."""
        self._authorizer.add(await self._store.load())

    def find(self, acl_filter: AclFilter) -> list[Acl]:
        """The ACLs that a filter matches."""
        return [acl for acl in self._authorizer if acl_filter.matches(acl)]

    async def create(self, acls: Sequence[Acl]) -> None:
        """Create ACLs, all or none; those that are there are no error.

        Raises KafkaError: POLICY_VIOLATION when there are too many, KAFKA_STORAGE_ERROR.
        """
        new = [acl for acl in dict.fromkeys(acls) if acl not in self._authorizer]
        if len(new) > MAX_CHANGES_PER_REQUEST:
            raise KafkaError(
                ErrorCode.POLICY_VIOLATION,
                f"At most {MAX_CHANGES_PER_REQUEST} ACLs can be created at once.",
            )
        if new:
            await self._store.add(new)
            self._authorizer.add(new)

    async def delete(self, acls: Sequence[Acl]) -> None:
        """Delete ACLs, all or none. Raises KafkaError KAFKA_STORAGE_ERROR."""
        if acls:
            await self._store.remove(acls)
            self._authorizer.remove(acls)
