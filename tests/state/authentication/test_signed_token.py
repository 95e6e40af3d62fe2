"""Signed tokens: signature, times, audience, issuer, claims."""

import json
from base64 import b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kbroker.state.authentication.oauthbearer import BearerToken, InvalidTokenError
from kbroker.state.authentication.signed_token import SignedValidator, UnknownKeyError

NOW_MS = 1_700_000_000_000
NOW = NOW_MS // 1000
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = rsa.generate_private_key(65537, 2048)


def public(key: Any, **more: str) -> jwt.PyJWK:
    algorithm = (
        jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    )
    return jwt.PyJWK({**json.loads(algorithm.to_jwk(key.public_key())), **more})


KEYS = [public(RSA, kid="one", alg="RS256"), public(EC, kid="two")]


def token(key: Any = RSA, kid: str | None = "one", algorithm: str = "RS256", **claims: Any) -> str:
    given = {"sub": "alice", "exp": NOW + 60, "iat": NOW} | claims
    payload = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(payload, key, algorithm, {"kid": kid} if kid else None)


@pytest.mark.parametrize(
    "text",
    [
        token(),
        token(kid=None),
        token(EC, "two", "ES256"),
        token(EC, None, "ES256"),
        token(scope="a b"),
        token(scope=["a", "b"]),
        token(nbf=NOW),
        token(iss="anyone"),
    ],
)
def test_a_token_that_is_accepted(text: str) -> None:
    assert SignedValidator().validate(text, KEYS, NOW_MS) == BearerToken("alice", (NOW + 60) * 1000)


def unsigned() -> str:
    return jwt.encode({"sub": "alice", "exp": NOW + 60, "iat": NOW}, "", "none")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (token(OTHER), "signature"),
        (token(OTHER, None), "signature"),
        (token(EC, "one", "ES256"), "signature"),
        (unsigned(), "not signed with a public key"),
        (token(RSA, "one", "RS512"), "signature"),  # the key is for RS256
        (token(RSA, None, "PS256"), "signature"),
        (f"{b64encode(b'[' * 100_000).decode()}.e30.AA", "malformed"),
        (jwt.encode({"sub": "alice"}, RSA, "RS256", {"kid": "one", "crit": ["exp"]}), "understood|malformed"),
        (token("secret" * 8, "one", "HS256"), "not signed with a public key"),
        (token()[:-5], "signature|malformed"),
        ("", "malformed"),
        ("a.b.c", "malformed"),
        (token(exp=NOW), "has expired"),
        (token(exp=None), "exp is missing"),
        (token(exp="x"), "exp is missing or no time"),
        (token(exp=True), "exp is missing or no time"),
        (token(iat=None), "iat is missing"),
        (token(iat=NOW + 61), "before it was issued"),
        (token(nbf=NOW + 1), "not valid yet"),
        (token(sub=None), "names nobody"),
        (token(sub=""), "names nobody"),
        (token(sub="a\ud800"), "names nobody"),
        (token(aud="kafka"), "audience"),
        (token(scope=["a", "a"]), "scope is malformed"),
        (token(scope=["a", 1]), "scope is malformed"),
        (token(scope=[""]), "scope is malformed"),
    ],
)
def test_tokens_that_are_not(text: str, reason: str) -> None:
    with pytest.raises(InvalidTokenError, match=reason):
        SignedValidator().validate(text, KEYS, NOW_MS)


def test_a_key_that_is_not_known_is_told_apart() -> None:
    with pytest.raises(UnknownKeyError) as raised:
        SignedValidator().validate(token(kid="three"), KEYS, NOW_MS)
    assert raised.value.key_id == "three"


def test_audience_issuer_and_skew() -> None:
    validator = SignedValidator(frozenset({"kafka", "other"}), "me", 30)
    for audience in ("kafka", ["x", "other"]):
        validator.validate(token(aud=audience, iss="me", exp=NOW - 29, iat=NOW - 99), KEYS, NOW_MS)
    for claims in (
        {"aud": "x", "iss": "me"},
        {"aud": None, "iss": "me"},
        {"aud": ["x", 5], "iss": "me"},
        {"aud": "kafka"},
        {"aud": "kafka", "iss": "you"},
        {"aud": "kafka", "iss": "me", "exp": NOW - 30, "iat": NOW - 99},
        {"aud": "kafka", "iss": "me", "nbf": NOW + 31},
    ):
        with pytest.raises(InvalidTokenError):
            validator.validate(token(**claims), KEYS, NOW_MS)


def test_names_of_claims() -> None:
    validator = SignedValidator(sub_claim="client_id", scope_claim="scp")
    assert validator.validate(token(client_id="bob", scope=[""]), KEYS, NOW_MS).principal_name == "bob"
