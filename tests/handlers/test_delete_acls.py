from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.config.authorizer import STANDARD_AUTHORIZER
from kbroker.embedded import open_broker
from kbroker.errors import RequestRefusedError
from kbroker.handlers import delete_acls
from kbroker.protocol.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import Acl, AclFilter

from .conftest import MakeContext, config_of, context, refuse_writes

READ = Acl(2, "t", 3, "User:a", "*", 3, 3)
WRITE = READ._replace(operation=4)
ALL = DeleteAclsFilter(1, None, 1, None, None, 1, 1)
READS = DeleteAclsFilter(1, None, 1, None, None, 3, 1)


@pytest.fixture
def settings() -> dict[str, str]:
    return {"authorizer.class.name": STANDARD_AUTHORIZER, "super.users": "User:ANONYMOUS"}


@pytest.fixture
async def broker_with_acls(broker: Broker) -> Broker:
    assert broker.acls is not None
    await broker.acls.create([READ, WRITE])
    return broker


def left(broker: Broker) -> list[Acl]:
    assert broker.acls is not None
    return broker.acls.find(AclFilter(1, None, 1, None, None, 1, 1))


async def deleted(at: MakeContext, *filters: DeleteAclsFilter) -> list[tuple[int, list[int]]]:
    response = await delete_acls.handle(DeleteAclsRequest(list(filters)), at(3))
    return [(one.error_code, [acl.operation for acl in one.matching_acls]) for one in response.filter_results]


async def test_each_filter_tells_what_it_matched(at: MakeContext, broker_with_acls: Broker) -> None:
    assert await deleted(at, READS, READS) == [(ErrorCode.NONE, [3]), (ErrorCode.NONE, [3])]
    assert left(broker_with_acls) == [WRITE]
    assert await deleted(at, READS, ALL) == [(ErrorCode.NONE, []), (ErrorCode.NONE, [4])]
    assert left(broker_with_acls) == []


async def test_a_number_without_a_meaning_is_refused(at: MakeContext, broker_with_acls: Broker) -> None:
    wrong = DeleteAclsFilter(1, None, 1, None, None, 99, 1)
    assert await deleted(at, wrong, READS) == [(ErrorCode.INVALID_REQUEST, []), (ErrorCode.NONE, [3])]
    with pytest.raises(RequestRefusedError):
        await deleted(at, DeleteAclsFilter(1, None, 0, None, None, 1, 1))


async def test_who_may_not_alter_the_cluster_is_refused(broker_with_acls: Broker) -> None:
    ctx = context(broker_with_acls, 3)
    ctx.connection.principal = "User:b"
    response = await delete_acls.handle(DeleteAclsRequest([ALL]), ctx)
    assert [one.error_code for one in response.filter_results] == [ErrorCode.CLUSTER_AUTHORIZATION_FAILED]
    assert len(left(broker_with_acls)) == 2


async def test_a_disk_that_fails_is_told(at: MakeContext, broker_with_acls: Broker) -> None:
    refuse_writes(broker_with_acls)
    assert await deleted(at, ALL) == [(ErrorCode.KAFKA_STORAGE_ERROR, [])]
    assert len(left(broker_with_acls)) == 2


async def test_without_an_authorizer_there_are_no_acls(tmp_path: Path) -> None:
    async with open_broker(config_of(), tmp_path) as broker:
        assert await deleted(lambda version: context(broker, version), ALL) == [
            (ErrorCode.SECURITY_DISABLED, [])
        ]
