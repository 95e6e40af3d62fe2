"""DescribeDelegationToken: one's own tokens, and others' where ACLs allow it."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_delegation_token
from kbroker.protocol.describe_delegation_token import (
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
)
from kbroker.state.acls import Authorizer

from .conftest import FixedClock, MakeContext
from .token_clients import SETTINGS, authenticated

VERSION = 3


@pytest.fixture
def settings() -> dict[str, str]:
    return SETTINGS


async def owners_seen(at: MakeContext, user: str, *asked: str, everyone: bool = False) -> list[str]:
    owners = None if everyone else [DescribeDelegationTokenOwner("User", name) for name in asked]
    request = DescribeDelegationTokenRequest(owners)
    response = await describe_delegation_token.handle(request, authenticated(at(VERSION), user))
    assert response.error_code == 0
    return [token.principal_name for token in response.tokens]


async def test_who_sees_what(broker: Broker, at: MakeContext) -> None:
    await broker.delegation_tokens.create("User:alice", "User:alice", ["User:carol"], -1)
    await broker.delegation_tokens.create("User:bob", "User:bob", [], -1)
    assert await owners_seen(at, "alice", everyone=True) == ["alice", "bob"]  # no authorizer: all may see all
    assert await owners_seen(at, "alice", "bob") == ["bob"]
    assert await owners_seen(at, "alice") == []
    broker.authorizer = Authorizer()
    assert await owners_seen(at, "alice", everyone=True) == ["alice"]
    assert await owners_seen(at, "carol", everyone=True) == ["alice"]
    assert await owners_seen(at, "alice", "bob") == []


async def test_a_description(broker: Broker, at: MakeContext, clock: FixedClock) -> None:
    token = await broker.delegation_tokens.create("User:alice", "User:bob", ["User:carol"], 5)
    request = DescribeDelegationTokenRequest(None)
    response = await describe_delegation_token.handle(request, authenticated(at(VERSION)))
    [shown] = response.tokens
    assert (shown.principal_type, shown.principal_name, shown.token_requester_principal_name) == (
        "User",
        "alice",
        "bob",
    )
    assert (shown.issue_timestamp, shown.expiry_timestamp, shown.max_timestamp) == (
        clock.now,
        clock.now + 5,
        clock.now + 5,
    )
    assert (shown.token_id, shown.hmac) == (token.token_id, broker.delegation_tokens.hmac(token))
    assert [renewer.principal_name for renewer in shown.renewers] == ["carol"]


async def test_whom_nobody_knows_sees_none(at: MakeContext) -> None:
    request = DescribeDelegationTokenRequest(None)
    assert (await describe_delegation_token.handle(request, at(VERSION))).error_code == 64
