"""What the log says of listeners that the network can reach."""

import pytest

from kbroker.config.authorizer import STANDARD_AUTHORIZER
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.exposure import exposures
from kbroker.config.listeners import Listener, listeners_of
from kbroker.config.security_protocol import SecurityProtocol

ANY = ["::"]
JAAS = "org.apache.kafka.common.security"
PLAIN = {
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.jaas.config": f'{JAAS}.plain.PlainLoginModule required user_a="b";',
}
UNSIGNED = {
    "sasl.enabled.mechanisms": "OAUTHBEARER",
    "sasl.jaas.config": f"{JAAS}.oauthbearer.OAuthBearerLoginModule required;",
}
SIGNED = {
    "sasl.enabled.mechanisms": "OAUTHBEARER",
    "sasl.oauthbearer.jwks.endpoint.url": "https://issuer.example/keys",
}
AUTHORIZER = {"authorizer.class.name": STANDARD_AUTHORIZER}


def told(
    protocol: str, addresses: list[str], settings: dict[str, str] | None = None, *, in_container: bool = False
) -> list[str]:
    """What is said of one listener, EXT."""
    listener = Listener("EXT", "", 9092, security_protocol=SecurityProtocol(protocol))
    return exposures(BrokerConfig.of(settings), {listener: addresses}, in_container=in_container)


def test_the_default_is_open_to_this_machine_alone() -> None:
    (listener,) = listeners_of(BrokerConfig.of())
    assert listener.host == "localhost"
    assert exposures(BrokerConfig.of(), {listener: ["127.0.0.1", "::1"]}, in_container=False) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_nothing_to_warn_of(address: str) -> None:
    assert told("PLAINTEXT", [address]) == []


@pytest.mark.parametrize(
    "addresses",
    [["0.0.0.0"], ["::"], ["192.168.1.2"], ["fe80::1%eth0"], ["::ffff:10.0.0.1"], ["127.0.0.1", "10.0.0.1"]],
)
def test_other_addresses_are_open_to_whoever_reaches_them(addresses: list[str]) -> None:
    (line,) = told("PLAINTEXT", addresses)
    assert line.startswith("whoever reaches listener EXT may read, change and delete everything without")
    assert "--listeners PLAINTEXT://localhost:9092" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("client_auth", "is_open"), [("none", True), ("requested", True), ("required", False)]
)
def test_tls_alone_does_not_say_who_a_client_is_but_its_certificate_does(
    client_auth: str, is_open: bool
) -> None:
    assert bool(told("SSL", ANY, {"ssl.client.auth": client_auth})) is is_open
    assert bool(told("SSL", ANY, {"listener.name.ext.ssl.client.auth": client_auth})) is is_open


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_clients_of_sasl_log_in_but_unsigned_tokens_prove_nothing(protocol: str) -> None:
    assert told(protocol, ANY, PLAIN) == []
    assert told(protocol, ANY, SIGNED) == []
    assert told(protocol, ["127.0.0.1"], UNSIGNED) == []
    for settings in (UNSIGNED, UNSIGNED | AUTHORIZER):
        (line,) = told(protocol, ANY, settings)
        assert line.startswith("whoever reaches listener EXT may log in under any name")


def test_an_authorizer_decides_what_clients_without_a_name_may_do() -> None:
    assert told("PLAINTEXT", ANY, AUTHORIZER) == []
    assert told("PLAINTEXT", ANY, AUTHORIZER | {"super.users": "User:admin"}) == []
    (line,) = told("PLAINTEXT", ANY, AUTHORIZER | {"super.users": "User:admin;User:ANONYMOUS"})
    assert "may read, change and delete everything without" in line
    (line,) = told("PLAINTEXT", ANY, AUTHORIZER | {"allow.everyone.if.no.acl.found": "true"})
    assert "may read, change and delete whatever has no ACL without" in line


def test_in_a_container_it_is_about_what_the_container_publishes() -> None:
    (line,) = told("PLAINTEXT", ANY, in_container=True)
    assert "EXT through this container's network or a port that it publishes may" in line
    assert "127.0.0.1:9092:9092" in line
    assert "--listeners" not in line


def test_listeners_that_are_alike_share_a_line() -> None:
    listeners = {Listener(name, "", 0): ANY for name in ("A", "B")} | {Listener("C", "", 0): ["127.0.0.1"]}
    (line,) = exposures(BrokerConfig.of(), listeners, in_container=False)
    assert line.startswith("whoever reaches one of the listeners A, B may")
