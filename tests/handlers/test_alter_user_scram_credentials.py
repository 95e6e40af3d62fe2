"""AlterUserScramCredentials: set and delete."""

from kbroker.broker.broker import Broker
from kbroker.handlers import alter_user_scram_credentials
from kbroker.protocol.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from kbroker.state.acls import Authorizer
from kbroker.state.authentication.scram_keys import credential_of, salted_password
from kbroker.state.scram_credentials import ScramMechanism

from .conftest import MakeContext, refuse_writes

SHA_512 = ScramMechanism.SCRAM_SHA_512


def upsertion(user: str, iterations: int = 4096) -> ScramCredentialUpsertion:
    return ScramCredentialUpsertion(
        user, SHA_512, iterations, b"salt", salted_password(SHA_512, "secret", b"salt", iterations)
    )


async def alter(
    at: MakeContext, *changes: ScramCredentialDeletion | ScramCredentialUpsertion
) -> dict[str, int]:
    request = AlterUserScramCredentialsRequest(
        [each for each in changes if isinstance(each, ScramCredentialDeletion)],
        [each for each in changes if isinstance(each, ScramCredentialUpsertion)],
    )
    response = await alter_user_scram_credentials.handle(request, at(0))
    assert all((each.error_code == 0) == (each.error_message is None) for each in response.results)
    return {each.user: each.error_code for each in response.results}


async def test_set_and_deleted(broker: Broker, at: MakeContext) -> None:
    assert await alter(at, upsertion("alice"), upsertion("bob", 100)) == {"alice": 0, "bob": 93}
    assert broker.scram_users.credential("alice", SHA_512) == credential_of(SHA_512, "secret", b"salt")
    assert broker.scram_users.users() == ["alice"]
    assert await alter(at, ScramCredentialDeletion("alice", 2)) == {"alice": 0}
    assert await alter(at, ScramCredentialDeletion("alice", 2)) == {"alice": 91}


async def test_what_cannot_be_stored_is_an_error_of_each_user(broker: Broker, at: MakeContext) -> None:
    refuse_writes(broker)
    assert await alter(at, upsertion("alice"), upsertion("bob")) == {"alice": 56, "bob": 56}
    assert broker.scram_users.users() == []


async def test_not_everyone_may(broker: Broker, at: MakeContext) -> None:
    broker.authorizer = Authorizer()
    assert await alter(at, upsertion("alice")) == {"alice": 31}
    assert broker.scram_users.users() == []
