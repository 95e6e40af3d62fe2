"""ExpireDelegationToken: later, and at once."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import expire_delegation_token
from kbroker.protocol.expire_delegation_token import ExpireDelegationTokenRequest

from .conftest import FixedClock, MakeContext
from .token_clients import SETTINGS, authenticated

VERSION = 2


@pytest.fixture
def settings() -> dict[str, str]:
    return SETTINGS


async def test_ended_later_and_at_once(broker: Broker, at: MakeContext, clock: FixedClock) -> None:
    tokens = broker.delegation_tokens
    token = await tokens.create("User:alice", "User:alice", [], -1)

    async def expire(period_ms: int, user: str = "alice") -> tuple[int, int]:
        request = ExpireDelegationTokenRequest(tokens.hmac(token), period_ms)
        response = await expire_delegation_token.handle(request, authenticated(at(VERSION), user))
        return response.error_code, response.expiry_timestamp_ms

    assert await expire(5000) == (0, clock.now + 5000)
    assert await expire(-1, "bob") == (63, 0)
    assert await expire(-1) == (0, 0)
    assert await expire(-1) == (62, 0)
    request = ExpireDelegationTokenRequest(tokens.hmac(token), -1)
    assert (await expire_delegation_token.handle(request, at(VERSION))).error_code == 64
