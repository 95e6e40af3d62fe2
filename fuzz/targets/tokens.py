"""JSON web tokens, unsecured and signed, and the keys that signed ones are checked with."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fixtures import outcome
from fixtures.batches import NOW_MS
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from kbroker.broker.sasl.jwks import parse_keys
from kbroker.state.authentication.oauthbearer import InvalidTokenError
from kbroker.state.authentication.signed_token import SignedValidator
from kbroker.state.authentication.unsecured_token import UnsecuredValidator

_SOON = NOW_MS // 1000 + 600
_UNSECURED = UnsecuredValidator.of(
    {"unsecuredValidatorRequiredScope": "a b", "unsecuredValidatorScopeClaimName": "scp"}
)
_SIGNED = SignedValidator(frozenset({"kafka"}), "issuer", 30, "scp")
_CLAIMS: dict[str, Any] = {
    "sub": "alice",
    "exp": _SOON,
    "iat": _SOON - 900,
    "scp": ["a", "b"],
    "aud": "kafka",
    "iss": "issuer",
}


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(12345, ec.SECP256R1())


@cache
def _public_keys() -> list[PyJWK]:
    document = json.loads(ECAlgorithm.to_jwk(_key().public_key()))
    return parse_keys(json.dumps({"keys": [document | {"kid": "one"}, document]}).encode())


def check(data: bytes) -> None:
    """A token names somebody until some time, or is an InvalidTokenError; keys are read, or a ValueError."""
    kind, body = (data[:1] or b"\0")[0] % 5, data[1:]
    text = body.decode("utf-8", "replace")
    try:
        match kind:
            case 0:
                token = _UNSECURED.validate(text, NOW_MS)
            case 1:
                token = UnsecuredValidator().validate(text, NOW_MS)
            case 2:
                token = _SIGNED.validate(text, _public_keys(), NOW_MS)
            case 3:  # the claims are the input, and rightly signed
                token = SignedValidator().validate(_signed(body), _public_keys(), NOW_MS)
            case _:
                outcome.note("keys", len(parse_keys(body)))
                return
    except InvalidTokenError as error:
        outcome.note(kind, str(error)[:30])
    except ValueError as error:
        if kind != 4:
            raise
        outcome.note(str(error)[:20])
    else:
        assert token.principal_name.strip(), "the token names nobody"
        token.principal_name.encode()
        assert isinstance(token.expires_ms, int)
        assert -(2**63) <= token.expires_ms < 2**63
        outcome.note(kind, "accepted")


def _signed(claims: bytes) -> str:
    return jwt.api_jws.encode(claims, _key(), "ES256", {"kid": "one"})  # type: ignore[arg-type]


def _unsecured(claims: object, header: object = None) -> bytes:
    parts = (json.dumps(part).encode() for part in (header or {"alg": "none"}, claims))
    return b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts) + b"."


def seeds() -> Iterator[bytes]:
    """Tokens that are accepted, almost accepted, and keys."""
    variants: list[dict[str, Any]] = [
        {}, {"exp": _SOON + 0.5}, {"exp": 1e300}, {"exp": "1"}, {"exp": True}, {"sub": " "}, {"sub": 1},
        {"sub": "\ud800"},
        {"scp": "a"}, {"scp": [[["a"]]]}, {"scp": [None, 1]}, {"aud": ["kafka", 1]}, {"aud": {}}, {"nbf": _SOON},
        {"iat": -1},
    ]  # fmt: skip
    for variant in variants:
        claims = _CLAIMS | variant
        for kind in (b"\0", b"\1"):
            yield kind + _unsecured(claims)
        plain = json.dumps(claims).encode()
        yield b"\2" + _signed(plain).encode()
        yield b"\3" + plain
    for header in (
        {"alg": "HS256"},
        {"alg": None},
        {"alg": ["none"]},
        {"alg": "ES256", "kid": 1},
        {"alg": "ES256", "crit": []},
    ):
        yield b"\1" + _unsecured(_CLAIMS, header)
        yield b"\2" + _unsecured(_CLAIMS, header) + b"AAAA"
    yield b"\1" + b"e30.e30."
    yield b"\1" + b".".join(
        (b"eyJhbGciOiJub25lIn0", urlsafe_b64encode(b'{"sub":' + b"[" * 400 + b"]" * 400 + b"}"), b"")
    )
    document = json.loads(ECAlgorithm.to_jwk(_key().public_key()))
    rsa = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "\ud800"}
    for keys in (
        [document],
        [document | {"alg": "ES512"}],
        [document | {"crv": "P-521"}],
        [rsa],
        [{"kty": "oct", "k": ""}],
        [1],
    ):
        yield b"\4" + json.dumps({"keys": keys}).encode()
    yield b"\4" + b"[" * 2000
