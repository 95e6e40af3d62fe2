from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.config.authorizer import STANDARD_AUTHORIZER
from kbroker.embedded import open_broker
from kbroker.errors import RequestRefusedError
from kbroker.handlers import describe_acls
from kbroker.protocol.describe_acls import AclDescription, DescribeAclsRequest, DescribeAclsResource
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import Acl

from .conftest import MakeContext, config_of, context

READ = Acl(2, "t", 3, "User:a", "*", 3, 3)
ALL = DescribeAclsRequest(1, None, 1, None, None, 1, 1)


@pytest.fixture
def settings() -> dict[str, str]:
    return {"authorizer.class.name": STANDARD_AUTHORIZER, "super.users": "User:ANONYMOUS"}


async def test_acls_are_grouped_by_what_they_are_about(at: MakeContext, broker: Broker) -> None:
    assert broker.acls is not None
    await broker.acls.create([READ, READ._replace(resource_name="u"), READ._replace(operation=4)])
    response = await describe_acls.handle(ALL, at(3))
    assert response.error_code == ErrorCode.NONE
    assert response.resources == [
        DescribeAclsResource(
            2, "t", 3, [AclDescription("User:a", "*", 3, 3), AclDescription("User:a", "*", 4, 3)]
        ),
        DescribeAclsResource(2, "u", 3, [AclDescription("User:a", "*", 3, 3)]),
    ]


async def test_who_may_not_describe_the_cluster_is_refused(broker: Broker) -> None:
    ctx = context(broker, 3)
    ctx.connection.principal = "User:b"
    response = await describe_acls.handle(ALL, ctx)
    assert (response.error_code, response.resources) == (ErrorCode.CLUSTER_AUTHORIZATION_FAILED, [])


async def test_unknown_things_end_the_connection(at: MakeContext) -> None:
    with pytest.raises(RequestRefusedError):
        await describe_acls.handle(DescribeAclsRequest(0, None, 1, None, None, 1, 1), at(3))


async def test_without_an_authorizer_there_are_no_acls(tmp_path: Path) -> None:
    async with open_broker(config_of(), tmp_path) as broker:
        response = await describe_acls.handle(ALL, context(broker, 3))
        assert response.error_code == ErrorCode.SECURITY_DISABLED
        assert response.error_message
