from collections.abc import Collection

import pytest

from kbroker.broker.acls import MAX_CHANGES_PER_REQUEST, Acls
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl, AclFilter, AclOperation, AclResourceType, Authorizer

READ = Acl(2, "t", 3, "User:a", "*", 3, 3)
EVERYTHING = AclFilter(1, None, 1, None, None, 1, 1)


class Store:
    """Remembers what it is given, or fails."""

    def __init__(self, *acls: Acl) -> None:
        self.acls = [*acls]
        self.fails = False

    async def load(self) -> list[Acl]:
        return self.acls

    async def add(self, acls: Collection[Acl]) -> None:
        if self.fails:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
        self.acls += acls

    async def remove(self, acls: Collection[Acl]) -> None:
        if self.fails:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
        self.acls = [acl for acl in self.acls if acl not in acls]


def may_read(authorizer: Authorizer) -> bool:
    return authorizer.authorize("User:a", "127.0.0.1", AclOperation.READ, AclResourceType.TOPIC, "t")


async def test_acls_are_stored_and_effective_at_once() -> None:
    store, authorizer = Store(), Authorizer()
    acls = Acls(store, authorizer)
    await acls.create([READ, READ])
    await acls.create([READ])
    assert store.acls == [READ] == acls.find(EVERYTHING)
    assert may_read(authorizer)
    await acls.delete([READ])
    assert store.acls == [] == acls.find(EVERYTHING)
    assert not may_read(authorizer)


async def test_stored_acls_are_effective_after_a_start() -> None:
    authorizer = Authorizer()
    await Acls(Store(READ), authorizer).load()
    assert may_read(authorizer)


async def test_what_could_not_be_stored_has_no_effect() -> None:
    store, authorizer = Store(), Authorizer()
    acls = Acls(store, authorizer)
    store.fails = True
    with pytest.raises(KafkaError):
        await acls.create([READ])
    assert not may_read(authorizer)
    store.fails = False
    await acls.create([READ])
    store.fails = True
    with pytest.raises(KafkaError):
        await acls.delete([READ])
    assert may_read(authorizer)


async def test_too_many_at_once_are_refused() -> None:
    acls = Acls(Store(), Authorizer())
    many = [READ._replace(resource_name=str(number)) for number in range(MAX_CHANGES_PER_REQUEST + 1)]
    with pytest.raises(KafkaError) as refused:
        await acls.create(many)
    assert refused.value.code is ErrorCode.POLICY_VIOLATION
    await acls.create(many[1:])
    await acls.create(many)  # one of them is new
