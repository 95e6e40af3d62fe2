"""Brokers that ask their clients who they are, over TLS and in the clear, and what must and must not work there."""

import base64
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from differential.sasl import prepare_users
from harness.brokers import Broker
from harness.report import Report
from harness.session import Session

from security.cases import Case, Certificates, prefix, run_cases

LISTENERS = {
    "SASL": "SASL_PLAINTEXT",
    "SASLTLS": "SASL_SSL",
    "SIGNED": "SASL_PLAINTEXT",
    "REAUTH": "SASL_PLAINTEXT",
}
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
MODULES = "org.apache.kafka.common.security"
USER, PASSWORD = "alice", "wonder"  # as prepare_users makes them
SESSION_MS = 2000
LONG_S = 7  # several sessions
SECRET_KEY = "the secret key of tokens"
KEY_ID = "key-1"


class Issuer:
    """Who signs tokens, and publishes the key in a file."""

    def __init__(self, directory: Path) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        self.jwks = directory / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}))

    def token(self, key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
        """A signed token of alice's, for an hour."""
        now = int(time.time())
        given = {"sub": USER, "iat": now, "exp": now + 3600, "aud": "kafka", "iss": "issuer", **claims}
        return jwt.encode(given, key or self._key, "RS256", {"kid": KEY_ID})


def unsigned_token(**claims: Any) -> str:
    """A token that nobody signed."""
    now = int(time.time())
    given = {"sub": USER, "iat": now, "exp": now + 3600, "scope": "kafka", **claims}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, given)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def settings(who: Certificates, issuer: Issuer) -> dict[str, str]:
    """The broker's."""
    plain = f'{MODULES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    found = {
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "delegation.token.secret.key": SECRET_KEY,
        f"{prefix('SASLTLS')}ssl.keystore.type": "PEM",
        f"{prefix('SASLTLS')}ssl.keystore.location": str(who.server.pem_file()),
        f"{prefix('SIGNED')}sasl.enabled.mechanisms": "OAUTHBEARER",
        f"{prefix('REAUTH')}connections.max.reauth.ms": str(SESSION_MS),
    }
    for listener in LISTENERS:
        own = prefix(listener)
        found |= {
            f"{own}plain.sasl.jaas.config": plain,
            f"{own}scram-sha-256.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
            f"{own}scram-sha-512.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
            f"{own}oauthbearer.sasl.jaas.config": (
                f"{MODULES}.oauthbearer.OAuthBearerLoginModule required "
                'unsecuredLoginStringClaim_sub="broker";'
            ),
        }
    validator = f"{MODULES}.oauthbearer.OAuthBearerValidatorCallbackHandler"
    signed = f"{prefix('SIGNED')}oauthbearer."
    return found | {
        f"{signed}sasl.server.callback.handler.class": validator,
        f"{signed}sasl.oauthbearer.jwks.endpoint.url": issuer.jwks.as_uri(),
        f"{signed}sasl.oauthbearer.expected.audience": "kafka",
        f"{signed}sasl.oauthbearer.expected.issuer": "issuer",
    }


def sasl_cases(broker: Broker, who: Certificates, issuer: Issuer, topic: str) -> list[Case]:
    """What must work and what must not."""
    ca = str(who.authority.certificate_file())

    def case(name: str, listener: str, mechanism: str, *, works: bool, **fields: Any) -> Case:
        given = {
            "protocol": LISTENERS[listener],
            "ca": ca,
            "truststore": ca,
            "username": USER,
            "password": PASSWORD,
            "token": unsigned_token() if mechanism == "OAUTHBEARER" else "",
        }
        bootstrap = broker.listener(listener)
        return Case(name, bootstrap, topic, works, mechanism=mechanism, **{**given, **fields})

    cases = [
        case(f"{mechanism} over {LISTENERS[listener]}", listener, mechanism, works=True)
        for listener in ("SASL", "SASLTLS")
        for mechanism in MECHANISMS
    ]
    for mechanism in MECHANISMS[:3]:
        cases.append(case(f"{mechanism}, a wrong password", "SASL", mechanism, works=False, password="x"))
        cases.append(case(f"{mechanism}, an unknown user", "SASL", mechanism, works=False, username="nobody"))
        again = f"{mechanism}, many sessions of one connection"
        cases.append(case(again, "REAUTH", mechanism, works=True, seconds=LONG_S))
    other = rsa.generate_private_key(65537, 2048)
    for name, token, works in (
        ("signed", issuer.token(), True),
        ("signed by another", issuer.token(other), False),
        ("of another audience", issuer.token(aud="other"), False),
        ("of another issuer", issuer.token(iss="other"), False),
        ("expired", issuer.token(exp=int(time.time()) - 60), False),
        ("unsigned", unsigned_token(aud="kafka", iss="issuer"), False),
    ):
        cases.append(case(f"OAUTHBEARER, {name}", "SIGNED", "OAUTHBEARER", works=works, token=token))
    expired = unsigned_token(exp=int(time.time()) - 60, iat=1)
    cases += [
        case(
            "OAUTHBEARER, expired, where unsigned ones do", "SASL", "OAUTHBEARER", works=False, token=expired
        ),
        case("a mechanism that the listener has not", "SIGNED", "PLAIN", works=False),
        case("no authentication", "SASL", "", works=False, protocol="PLAINTEXT"),
        case("no TLS under it", "SASLTLS", "PLAIN", works=False, protocol="SASL_PLAINTEXT"),
    ]
    return cases


def run_sasl(
    session: Session,
    report: Report,
    command: Sequence[str | Path],
    more: Callable[[Broker], None] = lambda _: None,
) -> None:
    """Run a program on every case, and do more with the broker."""
    who, issuer = Certificates(session.work), Issuer(session.work)
    broker = session.broker(settings(who, issuer))
    for name, protocol in LISTENERS.items():
        broker.add_listener(name, protocol)
    with broker:
        prepare_users(broker.port)
        run_cases(session, report, command, sasl_cases(broker, who, issuer, "sasl"))
        more(broker)
        with report.check("SASL: no secret is logged"):
            assert f'"{PASSWORD}"' not in broker.log_text()
        if broker.name == "kbroker" and not session.quick:
            with report.check("SASL: the log says why"):
                assert "failed authentication: " in broker.log_text()
