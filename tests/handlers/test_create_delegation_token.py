"""CreateDelegationToken: for oneself and for others."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import create_delegation_token
from kbroker.protocol.create_delegation_token import CreatableRenewers, CreateDelegationTokenRequest
from kbroker.state.acls import Authorizer

from .conftest import FixedClock, MakeContext
from .token_clients import SETTINGS, authenticated

VERSION = 3
DAY = 86_400_000


@pytest.fixture
def settings() -> dict[str, str]:
    return SETTINGS


def request(owner: str | None = None, *renewers: str, kind: str = "User") -> CreateDelegationTokenRequest:
    named = [CreatableRenewers(kind, renewer) for renewer in renewers]
    return CreateDelegationTokenRequest(owner and "User", owner, named, -1)


async def test_a_token_of_ones_own(broker: Broker, at: MakeContext, clock: FixedClock) -> None:
    response = await create_delegation_token.handle(request(None, "bob"), authenticated(at(VERSION)))
    assert (response.error_code, response.principal_type, response.principal_name) == (0, "User", "alice")
    assert response.token_requester_principal_name == "alice"
    times = (response.issue_timestamp_ms, response.expiry_timestamp_ms, response.max_timestamp_ms)
    assert times == (clock.now, clock.now + DAY, clock.now + 7 * DAY)
    token = broker.delegation_tokens.get(response.token_id)
    assert token is not None
    assert token.renewers == ("User:bob",)
    assert response.hmac == broker.delegation_tokens.hmac(token)


async def test_a_token_of_somebody_else(broker: Broker, at: MakeContext) -> None:
    ctx = authenticated(at(VERSION))
    response = await create_delegation_token.handle(request("bob"), ctx)
    assert (response.error_code, response.principal_name) == (0, "bob")
    assert response.token_requester_principal_name == "alice"
    broker.authorizer = Authorizer()
    response = await create_delegation_token.handle(request("bob"), ctx)
    assert (response.error_code, response.token_id, response.hmac) == (65, "", b"")
    assert response.max_timestamp_ms == -1


async def test_only_users_renew(at: MakeContext) -> None:
    response = await create_delegation_token.handle(
        request(None, "bob", kind="Group"), authenticated(at(VERSION))
    )
    assert response.error_code == 67


async def test_whom_nobody_knows_gets_none(at: MakeContext) -> None:
    response = await create_delegation_token.handle(request(), at(VERSION))
    assert (response.error_code, response.principal_name) == (64, "ANONYMOUS")
