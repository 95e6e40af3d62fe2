"""PLAIN: the one token."""

import pytest

from kbroker.state.authentication.exchange import AuthenticationError, Identity
from kbroker.state.authentication.plain import PlainExchange

USERS = {"alice": "se:cret", "bär": "pässword", "empty": ""}
WRONG = "Authentication failed: Invalid username or password"


@pytest.mark.parametrize(
    ("token", "name"),
    [
        ("\0alice\0se:cret", "alice"),
        ("alice\0alice\0se:cret", "alice"),
        ("\0bär\0pässword", "bär"),
    ],
)
def test_who_knows_the_password_is_let_in(token: str, name: str) -> None:
    exchange = PlainExchange(USERS)
    assert exchange.respond(token.encode()) == b""
    assert exchange.identity == Identity(name)


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (b"\0alice\0secret", WRONG),
        (b"\0alice\0se:cret ", WRONG),
        (b"\0mallory\0se:cret", WRONG),
        (b"\0mallory\0x", WRONG),
        (
            b"bob\0alice\0se:cret",
            "Authentication failed: Client requested an authorization id that is different from username",
        ),
        (b"", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"),
        (b"\0alice", "Invalid SASL/PLAIN response: expected 3 tokens, got 2"),
        (b"\0alice\0se:cret\0more", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
        (b"\0\0\0\0\0\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
        (b"\0alice\0", "Authentication failed: password not specified"),
        (b"\0\0se:cret", "Authentication failed: username not specified"),
        (b"\0empty\0", "Authentication failed: password not specified"),
        (b"\xff\xff", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"),
        (b"\0\xff\0\xff", WRONG),
    ],
)
def test_all_others_are_not(token: bytes, shown: str | None) -> None:
    exchange = PlainExchange(USERS)
    with pytest.raises(AuthenticationError) as raised:
        exchange.respond(token)
    assert raised.value.shown == shown
    assert exchange.identity is None
    assert "se:cret" not in str(raised.value)
