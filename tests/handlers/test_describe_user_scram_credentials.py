"""DescribeUserScramCredentials: users, mechanisms, iterations."""

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_user_scram_credentials
from kbroker.protocol.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    UserName,
)
from kbroker.state.acls import Authorizer
from kbroker.state.scram_credentials import ScramCredential, ScramMechanism

from .conftest import MakeContext


async def describe(
    at: MakeContext, *names: str, everyone: bool = False
) -> DescribeUserScramCredentialsResponse:
    users = None if everyone else [UserName(name) for name in names]
    return await describe_user_scram_credentials.handle(DescribeUserScramCredentialsRequest(users), at(0))


async def add(broker: Broker, user: str, mechanism: int, iterations: int = 4096) -> None:
    key = (user, ScramMechanism(mechanism))
    await broker.scram_users.add_missing({key: ScramCredential(b"", b"", b"", iterations)})


async def test_all_users_or_those_asked_for(broker: Broker, at: MakeContext) -> None:
    await add(broker, "alice", 2, 8192)
    await add(broker, "alice", 1)
    await add(broker, "bob", 2)
    alice, bob = [CredentialInfo(1, 4096), CredentialInfo(2, 8192)], [CredentialInfo(2, 4096)]
    for response in (await describe(at), await describe(at, everyone=True)):
        found = [(each.user, each.error_code, each.credential_infos) for each in response.results]
        assert found == [("alice", 0, alice), ("bob", 0, bob)]
    [one] = (await describe(at, "bob")).results
    assert (one.user, one.error_code, one.error_message, one.credential_infos) == ("bob", 0, "", bob)


async def test_unknown_and_repeated_users(broker: Broker, at: MakeContext) -> None:
    await add(broker, "alice", 1)
    response = await describe(at, "alice", "nobody", "alice")
    assert {each.user: (each.error_code, len(each.credential_infos)) for each in response.results} == {
        "alice": (92, 0),
        "nobody": (91, 0),
    }


async def test_not_everyone_may_look(broker: Broker, at: MakeContext) -> None:
    broker.authorizer = Authorizer()
    response = await describe(at)
    assert (response.error_code, response.results) == (31, [])
