"""Signed tokens (JWT, RFC 7519), checked with an issuer's published keys (KIP-768)."""

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen
from jwt import InvalidTokenError as JwtError
from jwt import PyJWK, decode, get_unverified_header

from kbroker.state.authentication.oauthbearer import BearerToken, InvalidTokenError, name_in

# Every signature algorithm with a public key; with a shared secret, whoever checks tokens could make them.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_CHECKED_HERE = {
    "verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False,
    "verify_sub": False, "verify_jti": False,
}  # fmt: skip


class UnknownKeyError(InvalidTokenError):
    """No key that is known has the token's key id."""

    def __init__(self, key_id: str) -> None:
        super().__init__("it is signed with a key that is not known")
        self.key_id = key_id


@frozen
class SignedValidator:
    """What a token must be. An empty audience, or no issuer, is any."""

    audience: frozenset[str] = frozenset()
    issuer: str | None = None
    clock_skew_seconds: int = 0
    scope_claim: str = "scope"
    sub_claim: str = "sub"

    def validate(self, token: str, keys: Sequence[PyJWK], now_ms: int) -> BearerToken:
        """The token, if it is to be accepted now. Raises InvalidTokenError; UnknownKeyError to look for newer keys."""
        claims = _verified(token, keys)
        expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
        now, skew = now_ms / 1000, self.clock_skew_seconds
        if now - skew >= expires:
            raise InvalidTokenError("it has expired")
        if issued > expires:
            raise InvalidTokenError("it expired before it was issued")
        if "nbf" in claims and now + skew < _seconds(claims, "nbf"):
            raise InvalidTokenError("it is not valid yet")
        if self.issuer is not None and claims.get("iss") != self.issuer:
            raise InvalidTokenError("it is of another issuer")
        self._check_audience(claims.get("aud"))
        self._check_scope(claims.get(self.scope_claim))
        subject = name_in(claims, self.sub_claim)
        return BearerToken(subject.strip(), int(expires * 1000))

    def _check_audience(self, audience: Any) -> None:
        named = audience if isinstance(audience, list) else [audience]
        if audience is None and not self.audience:
            return
        if self.audience.isdisjoint(name for name in named if isinstance(name, str)):
            # As Apache Kafka does, also refused when it names an audience and none is expected.
            raise InvalidTokenError("it is for another audience")

    def _check_scope(self, scope: Any) -> None:
        scopes = scope if isinstance(scope, list) else [scope] if isinstance(scope, str) else []
        stripped = [one.strip() for one in scopes if isinstance(one, str)]
        if len(stripped) != len(scopes) or "" in stripped or len(set(stripped)) != len(stripped):
            raise InvalidTokenError(f"the claim {self.scope_claim} is malformed")


def _verified(token: str, keys: Sequence[PyJWK]) -> dict[str, Any]:
    """A token's claims, once its signature is verified."""
    try:
        header = get_unverified_header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in _ALGORITHMS:
            raise InvalidTokenError("it is not signed with a public key")
        if "crit" in header:
            raise InvalidTokenError("its header has what must be understood, and isn't")
        error: Exception = InvalidTokenError("its signature is wrong")
        for key in _candidates(keys, key_id, algorithm):
            try:
                return decode(token, key.key, algorithms=[algorithm], options=_CHECKED_HERE)  # type: ignore[arg-type]
            except (JwtError, TypeError, ValueError) as failed:
                error = failed
    except (JwtError, RecursionError) as malformed:
        raise InvalidTokenError(f"it is malformed: {malformed}") from None
    if isinstance(error, InvalidTokenError):
        raise error
    raise InvalidTokenError(f"its signature is wrong: {error}") from None


def _candidates(keys: Sequence[PyJWK], key_id: str | None, algorithm: str) -> Iterator[PyJWK]:
    """The keys that may have signed it: a key that says for which algorithm it is, is for no other."""
    found = [key for key in keys if key_id in (None, key.key_id)]
    if not found and key_id is not None:
        raise UnknownKeyError(key_id)
    return (key for key in found if _intended_algorithm(key) in (None, algorithm))


def _intended_algorithm(key: PyJWK) -> str | None:
    """The `alg` of a key; without one PyJWK assumes one of its own."""
    named: str | None = key._jwk_data.get("alg")
    return named


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _LATEST:
        raise InvalidTokenError(f"the claim {name} is missing or no time")
    return float(value)


_LATEST = 2**52
