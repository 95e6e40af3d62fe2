"""A command's logins, against the broker's own half of each exchange."""

import pytest

from kbroker.cli.sasl import SaslError, SaslLogin, login_of
from kbroker.errors import StartupError
from kbroker.state.authentication.exchange import AuthenticationError, Identity
from kbroker.state.authentication.scram import ScramAccount, ScramExchange
from kbroker.state.authentication.scram_keys import credential_of
from kbroker.state.scram_credentials import ScramMechanism


def log_in(login: SaslLogin, mechanism: ScramMechanism) -> Identity | None:
    account = ScramAccount(Identity("User:a,b=c"), credential_of(mechanism, "hush"))
    broker = ScramExchange(mechanism, lambda name, _: account if name == "a,b=c" else None)
    exchange = login.exchange()
    message = next(exchange)
    try:
        while True:
            message = exchange.send(broker.respond(message))
    except StopIteration:
        return broker.identity


@pytest.mark.parametrize("mechanism", ScramMechanism)
def test_scram(mechanism: ScramMechanism) -> None:
    identity = log_in(SaslLogin(mechanism.mechanism_name, "a,b=c", "hush"), mechanism)
    assert identity == Identity("User:a,b=c")
    with pytest.raises(AuthenticationError):
        log_in(SaslLogin(mechanism.mechanism_name, "a,b=c", "wrong"), mechanism)


def test_plain() -> None:
    assert list(SaslLogin("PLAIN", "alice", "hush").exchange()) == [b"\0alice\0hush"]
    assert "hush" not in repr(SaslLogin("PLAIN", "alice", "hush"))


@pytest.mark.parametrize(
    "challenge",
    [b"", b"r=nonce,s=AAAA", b"r=nonce,s=!,i=4096", b"r=other,s=AAAA,i=4096", b"r=nonce,s=AAAA,i=99999999"],
)
def test_challenges_that_are_none(challenge: bytes) -> None:
    exchange = SaslLogin("SCRAM-SHA-256", "alice", "hush").exchange(lambda _: "nonce")
    next(exchange)
    with pytest.raises(SaslError):
        exchange.send(challenge)


def test_a_broker_that_does_not_know_the_password() -> None:
    exchange = SaslLogin("SCRAM-SHA-256", "alice", "hush").exchange(lambda _: "nonce")
    next(exchange)
    exchange.send(b"r=nonce1,s=AAAA,i=4096")
    with pytest.raises(SaslError, match="does not know the password"):
        exchange.send(b"v=AAAA")


@pytest.mark.parametrize(
    ("mechanism", "jaas", "reason"),
    [
        ("GSSAPI", "x", "commands know PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"),
        ("PLAIN", None, "sasl.jaas.config is not set"),
        ("PLAIN", "", "sasl.jaas.config: it has no login module"),
        ("PLAIN", 'x.PlainLoginModule required username="a";', "must have a username and a password"),
    ],
)
def test_logins_that_are_refused(mechanism: str, jaas: str | None, reason: str) -> None:
    with pytest.raises(StartupError) as raised:
        login_of(mechanism, jaas)
    assert reason in str(raised.value)
