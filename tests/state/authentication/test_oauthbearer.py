"""OAUTHBEARER's exchange: what a client shows, and how it is refused."""

import pytest

from kbroker.state.authentication.exchange import AuthenticationError, Identity
from kbroker.state.authentication.oauthbearer import BearerToken, InvalidTokenError, OAuthBearerExchange


def validate(token: str) -> BearerToken:
    if token == "narrow":
        raise InvalidTokenError("no scope", "[a, b]")
    if token != "t-o.k_en":
        raise InvalidTokenError("the reason")
    return BearerToken("alice", 99)


def message(
    token: str = "t-o.k_en", authzid: str = "", extensions: str = "", scheme: str = "Bearer"
) -> bytes:
    return f"n,{authzid},\x01auth={scheme} {token}\x01{extensions}\x01".encode()


@pytest.mark.parametrize(
    "token",
    [
        message(),
        message(scheme="bearer"),
        message(authzid="a=alice"),
        message(extensions="traceId=12 3\x01other=x=y\x01"),
        b"n,,\x01before=x\x01auth=Bearer   t-o.k_en\x01\x01",
    ],
)
def test_a_valid_token(token: bytes) -> None:
    exchange = OAuthBearerExchange(validate)
    assert exchange.respond(token) == b""
    assert exchange.identity == Identity("alice", 99)


def test_an_invalid_token_is_told_once_as_an_answer_and_then_as_a_failure() -> None:
    exchange = OAuthBearerExchange(validate)
    assert exchange.respond(message("forged")) == b'{"status":"invalid_token"}'
    assert exchange.identity is None
    with pytest.raises(AuthenticationError, match="the reason") as raised:
        exchange.respond(b"\x01")
    assert raised.value.shown == '{"status":"invalid_token"}'


def test_a_token_of_too_little_scope() -> None:
    exchange = OAuthBearerExchange(validate)
    assert exchange.respond(message("narrow")) == b'{"status":"insufficient_scope", "scope":"[a, b]"}'


def test_another_token_may_follow_an_invalid_one() -> None:
    exchange = OAuthBearerExchange(validate)
    exchange.respond(message("forged"))
    exchange.respond(message())
    assert exchange.identity == Identity("alice", 99)


def test_another_authorization_id() -> None:
    with pytest.raises(AuthenticationError) as raised:
        OAuthBearerExchange(validate).respond(message(authzid="a=bob"))
    assert raised.value.shown is not None
    assert "(bob)" in raised.value.shown


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"\x01",
        b"n,,auth=Bearer t-o.k_en",
        b"n,,\x01\x01",
        b"n,,\x01auth=Bearer t-o.k_en\x01",
        b"n,,\x01auth=t-o.k_en\x01\x01",
        b"n,,\x01auth=Bearer t/o\x01\x01",
        message(scheme="Basic"),
        message(extensions="trace1=x\x01"),
        message(extensions="a=\x01"),
        b"y,,\x01auth=Bearer t-o.k_en\x01\x01",
        message(authzid="alice"),
        b"\0user\0pencil",
    ],
)
def test_what_is_no_message_of_the_mechanism(token: bytes) -> None:
    exchange = OAuthBearerExchange(validate)
    with pytest.raises(AuthenticationError) as raised:
        exchange.respond(token)
    assert raised.value.shown is None
