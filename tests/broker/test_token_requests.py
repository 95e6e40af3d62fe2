"""Who may ask for delegation tokens."""

import pytest

from kbroker.broker.context import Connection, Endpoint
from kbroker.broker.token_requests import may_ask_for_tokens
from kbroker.config.security_protocol import SecurityProtocol

ALICE, NOBODY = "User:alice", "User:ANONYMOUS"


def client(protocol: SecurityProtocol, principal: str, *, by_token: bool = False) -> Connection:
    return Connection(
        1,
        "L",
        Endpoint("h", 1),
        "127.0.0.1",
        principal=principal,
        security_protocol=protocol,
        by_token=by_token,
    )


@pytest.mark.parametrize(
    ("protocol", "principal"),
    [
        (SecurityProtocol.SASL_PLAINTEXT, ALICE),
        (SecurityProtocol.SASL_SSL, ALICE),
        (SecurityProtocol.SSL, ALICE),
    ],
)
def test_who_proved_who_it_is(protocol: SecurityProtocol, principal: str) -> None:
    assert may_ask_for_tokens(client(protocol, principal))
    assert not may_ask_for_tokens(client(protocol, principal, by_token=True))


@pytest.mark.parametrize(
    ("protocol", "principal"),
    [
        (SecurityProtocol.PLAINTEXT, NOBODY),
        (SecurityProtocol.PLAINTEXT, ALICE),
        (SecurityProtocol.SSL, NOBODY),
    ],
)
def test_who_did_not(protocol: SecurityProtocol, principal: str) -> None:
    assert not may_ask_for_tokens(client(protocol, principal))
