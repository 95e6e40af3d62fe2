from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.config.authorizer import STANDARD_AUTHORIZER
from kbroker.embedded import open_broker
from kbroker.errors import RequestRefusedError
from kbroker.handlers import create_acls
from kbroker.protocol.create_acls import AclCreation, CreateAclsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import Acl, AclFilter

from .conftest import MakeContext, config_of, context, refuse_writes

READ = AclCreation(2, "t", 3, "User:a", "*", 3, 3)
EVERYTHING = AclFilter(1, None, 1, None, None, 1, 1)


@pytest.fixture
def settings() -> dict[str, str]:
    return {"authorizer.class.name": STANDARD_AUTHORIZER, "super.users": "User:ANONYMOUS"}


async def codes(ctx_of: MakeContext, *creations: AclCreation) -> list[int]:
    response = await create_acls.handle(CreateAclsRequest(list(creations)), ctx_of(3))
    return [result.error_code for result in response.results]


async def test_those_that_are_right_are_created(at: MakeContext, broker: Broker) -> None:
    wrong = AclCreation(2, "", 3, "User:a", "*", 3, 3)
    assert await codes(at, wrong, READ, READ) == [ErrorCode.INVALID_REQUEST, ErrorCode.NONE, ErrorCode.NONE]
    assert broker.acls is not None
    assert broker.acls.find(EVERYTHING) == [Acl(2, "t", 3, "User:a", "*", 3, 3)]


async def test_they_survive_a_restart(tmp_path: Path, settings: dict[str, str]) -> None:
    async with open_broker(config_of(settings), tmp_path) as broker:
        await codes(lambda version: context(broker, version), READ)
    async with open_broker(config_of(settings), tmp_path) as broker:
        assert broker.acls is not None
        assert len(broker.acls.find(EVERYTHING)) == 1


async def test_what_is_for_filters_fails_them_all(at: MakeContext) -> None:
    any_operation = AclCreation(2, "t", 3, "User:a", "*", 1, 3)
    assert await codes(at, READ, any_operation) == [ErrorCode.UNKNOWN_SERVER_ERROR] * 2


async def test_unknown_things_end_the_connection(at: MakeContext) -> None:
    with pytest.raises(RequestRefusedError):
        await codes(at, AclCreation(2, "t", 3, "User:a", "*", 0, 3))


async def test_who_may_not_alter_the_cluster_is_refused(broker: Broker) -> None:
    ctx = context(broker, 3)
    ctx.connection.principal = "User:b"
    response = await create_acls.handle(CreateAclsRequest([READ]), ctx)
    assert [one.error_code for one in response.results] == [ErrorCode.CLUSTER_AUTHORIZATION_FAILED]


async def test_a_disk_that_fails_is_told(at: MakeContext, broker: Broker) -> None:
    refuse_writes(broker)
    assert await codes(at, READ) == [ErrorCode.KAFKA_STORAGE_ERROR]


async def test_without_an_authorizer_there_are_no_acls(tmp_path: Path) -> None:
    async with open_broker(config_of(), tmp_path) as broker:
        (result,) = (await create_acls.handle(CreateAclsRequest([READ]), context(broker, 3))).results
        expected = (ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")  # others' text goes on
        assert (result.error_code, result.error_message) == expected
