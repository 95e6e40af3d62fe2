"""The mechanisms of a listener, from its settings to an identity."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kbroker.broker.broker import Broker
from kbroker.broker.sasl import SaslMechanisms
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.embedded import open_broker
from kbroker.errors import StartupError
from kbroker.state.authentication.authentication import Authentication, Step
from kbroker.state.authentication.exchange import AuthenticationError, Identity
from kbroker.state.authentication.scram_keys import credential_of
from kbroker.state.scram_credentials import BY_NAME

PACKAGE = "org.apache.kafka.common.security"
LISTENERS = [Listener("SASL", "", 1, security_protocol=SecurityProtocol.SASL_PLAINTEXT)]
NOW_MS = 1_700_000_000_000


class Clock:
    now = NOW_MS

    def now_ms(self) -> int:
        return self.now


@asynccontextmanager
async def opened(path: Path, clock: Clock | None = None, **settings: str) -> AsyncIterator[Broker]:
    given = {name.replace("_", "."): value for name, value in settings.items()}
    async with open_broker(BrokerConfig.of(given), path / "data", clock or Clock()) as broker:
        yield broker


def begun(broker: Broker, mechanism: str) -> Authentication:
    authentication = SaslMechanisms(broker, LISTENERS).authentication("SASL")
    assert authentication.choose(mechanism, bare_tokens=False)
    return authentication


async def test_plain_with_the_users_that_there_are_now(tmp_path: Path) -> None:
    jaas = f'{PACKAGE}.plain.PlainLoginModule required user_alice="wonder";'
    async with opened(tmp_path, sasl_enabled_mechanisms="PLAIN", sasl_jaas_config=jaas) as broker:
        mechanisms = SaslMechanisms(broker, LISTENERS)
        authentication = mechanisms.authentication("SASL")
        assert authentication.mechanisms == ["PLAIN"]
        authentication.choose("PLAIN", bare_tokens=False)
        assert authentication.respond(b"\0alice\0wonder", 0, NOW_MS) == (b"", 0)
        assert authentication.identity == Identity("alice")
        key = "listener.name.sasl.plain.sasl.jaas.config"
        await broker.change_configs(str(broker.node_id), lambda _: {key: jaas.replace("alice", "bob")})
        later = mechanisms.authentication("SASL")
        later.choose("PLAIN", bare_tokens=False)
        with pytest.raises(AuthenticationError):
            later.respond(b"\0alice\0wonder", 0, NOW_MS)


@pytest.mark.parametrize("mechanism", BY_NAME)
async def test_scram_finds_users_and_tokens(tmp_path: Path, mechanism: str) -> None:
    clock = Clock()
    settings = {"sasl_enabled_mechanisms": mechanism, "delegation_token_secret_key": "key"}
    async with opened(tmp_path, clock, **settings) as broker:
        number = BY_NAME[mechanism]
        await broker.scram_users.add_missing({("alice", number): credential_of(number, "wonder")})
        token = await broker.delegation_tokens.create("User:alice", "User:alice", [], 60_000)
        assert b"i=4096" in begun(broker, mechanism).respond(b"n,,n=alice,r=abc", 0, NOW_MS)[0]
        first = f"n,,n={token.token_id},r=abc,tokenauth=true".encode()
        assert b"i=4096" in begun(broker, mechanism).respond(first, 0, NOW_MS)[0]
        for unknown in (b"n,,n=bob,r=abc", first[:-15], b"n,,n=alice,r=abc,tokenauth=true"):
            with pytest.raises(AuthenticationError):
                begun(broker, mechanism).respond(unknown, 0, NOW_MS)
        clock.now += 60_001
        with pytest.raises(AuthenticationError):
            begun(broker, mechanism).respond(first, 0, NOW_MS)


def bearer(token: str) -> bytes:
    return f"n,,\x01auth=Bearer {token}\x01\x01".encode()


def unsigned(**claims: object) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


async def test_unsigned_tokens_where_the_settings_accept_them(tmp_path: Path) -> None:
    jaas = f"{PACKAGE}.oauthbearer.OAuthBearerLoginModule required unsecuredValidatorRequiredScope=x;"
    async with opened(tmp_path, sasl_enabled_mechanisms="OAUTHBEARER", sasl_jaas_config=jaas) as broker:
        claims = {"sub": "alice", "exp": NOW_MS // 1000 + 60, "scope": "x"}
        authentication = begun(broker, "OAUTHBEARER")
        assert authentication.respond(bearer(unsigned(**claims)), 5.0, NOW_MS) == (b"", 60_000)
        assert authentication.expires == 65.0
        other = begun(broker, "OAUTHBEARER")
        answer, _ = other.respond(bearer(unsigned(**{**claims, "scope": "y"})), 0, NOW_MS)
        assert (json.loads(answer), other.step) == (
            {"status": "insufficient_scope", "scope": "[x]"},
            Step.TOKEN,
        )


async def test_signed_tokens_and_nothing_else_with_an_issuers_keys(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": "one"}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [public]}))
    settings = {
        "sasl_enabled_mechanisms": "OAUTHBEARER",
        "sasl.oauthbearer.jwks.endpoint.url": (tmp_path / "keys.json").as_uri(),
        "sasl.oauthbearer.expected.audience": "kafka",
        "sasl.oauthbearer.expected.issuer": "me",
        "sasl.oauthbearer.clock.skew.seconds": "0",
        "sasl.oauthbearer.scope.claim.name": "scp",
        "sasl.oauthbearer.sub.claim.name": "name",
    }
    claims = {"name": "alice", "aud": "kafka", "iss": "me", "exp": NOW_MS // 1000 + 60, "iat": NOW_MS // 1000}
    async with opened(tmp_path, **settings) as broker:
        mechanisms = SaslMechanisms(broker, LISTENERS)
        [jwks] = mechanisms.keys

        def answer(token: str) -> tuple[bytes, Identity | None]:
            authentication = mechanisms.authentication("SASL")
            authentication.choose("OAUTHBEARER", bare_tokens=False)
            return authentication.respond(bearer(token), 0, NOW_MS)[0], authentication.identity

        token = jwt.encode(claims, key, "RS256", {"kid": "one"})
        refused = (b'{"status":"invalid_token"}', None)
        assert answer(token) == refused  # its keys are not there yet
        assert jwks._wanted.is_set()
        await jwks.load()
        assert answer(token) == (b"", Identity("alice", NOW_MS + 60_000))
        assert answer(unsigned(**claims)) == refused
        assert answer(jwt.encode({**claims, "aud": "other"}, key, "RS256", {"kid": "one"})) == refused


async def test_sessions_have_the_mechanisms_length(tmp_path: Path) -> None:
    settings = {
        "sasl_enabled_mechanisms": "PLAIN",
        "sasl_jaas_config": f'{PACKAGE}.plain.PlainLoginModule required user_alice="wonder";',
        "listener_name_sasl_plain_connections_max_reauth_ms": "7000",
    }
    async with opened(tmp_path, **settings) as broker:
        assert begun(broker, "PLAIN").respond(b"\0alice\0wonder", 0, NOW_MS) == (b"", 7000)


async def test_settings_are_checked(tmp_path: Path) -> None:
    async with opened(tmp_path, sasl_enabled_mechanisms="GSSAPI") as broker:
        with pytest.raises(StartupError, match="GSSAPI"):
            SaslMechanisms(broker, LISTENERS)
