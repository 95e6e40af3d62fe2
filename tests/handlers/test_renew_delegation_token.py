"""RenewDelegationToken: by whom it may be."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import renew_delegation_token
from kbroker.protocol.renew_delegation_token import RenewDelegationTokenRequest

from .conftest import FixedClock, MakeContext
from .token_clients import SETTINGS, authenticated

VERSION = 2


@pytest.fixture
def settings() -> dict[str, str]:
    return SETTINGS


async def test_renewed_by_its_owner_only(broker: Broker, at: MakeContext, clock: FixedClock) -> None:
    tokens = broker.delegation_tokens
    token = await tokens.create("User:alice", "User:alice", [], -1)
    request = RenewDelegationTokenRequest(tokens.hmac(token), 5000)
    response = await renew_delegation_token.handle(request, authenticated(at(VERSION)))
    assert (response.error_code, response.expiry_timestamp_ms) == (0, clock.now + 5000)
    response = await renew_delegation_token.handle(request, authenticated(at(VERSION), "bob"))
    assert (response.error_code, response.expiry_timestamp_ms) == (63, 0)
    assert (await renew_delegation_token.handle(request, at(VERSION))).error_code == 64
    unknown = RenewDelegationTokenRequest(b"unknown", 5000)
    assert (await renew_delegation_token.handle(unknown, authenticated(at(VERSION)))).error_code == 62
