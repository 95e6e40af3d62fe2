"""Tokens that nobody signed, for development: what Apache Kafka accepts unless it is told where the keys are.

The options are those of OAuthBearerLoginModule whose names begin with `unsecuredValidator`.
"""

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Self

from attrs import frozen

from kbroker.state.authentication.oauthbearer import BearerToken, InvalidTokenError, name_in

_PARTS = 3


@frozen
class UnsecuredValidator:
    """Checks claims and times. `clock_skew_ms` is how far other clocks may be off."""

    principal_claim: str = "sub"
    scope_claim: str = "scope"
    required_scope: tuple[str, ...] = ()
    clock_skew_ms: int = 0

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """By a login module's options. Raises ValueError that names the option."""
        given = {name: value.strip() for name, value in options.items()}
        skew = given.get("unsecuredValidatorAllowableClockSkewMs") or "0"
        if not skew.isdecimal():
            raise ValueError("unsecuredValidatorAllowableClockSkewMs must be a number of milliseconds")
        return cls(
            given.get("unsecuredValidatorPrincipalClaimName") or "sub",
            given.get("unsecuredValidatorScopeClaimName") or "scope",
            tuple(given.get("unsecuredValidatorRequiredScope", "").split()),
            int(skew),
        )

    def validate(self, token: str, now_ms: int) -> BearerToken:
        """The token, if it is to be accepted now. Raises InvalidTokenError."""
        claims = _claims(token)
        expires, issued = _time(claims, "exp"), _time(claims, "iat")
        principal = name_in(claims, self.principal_claim)
        if expires is None:
            raise InvalidTokenError("the claim exp is missing")
        if issued is not None and issued > now_ms + self.clock_skew_ms:
            raise InvalidTokenError("it was issued in the future")
        if now_ms - self.clock_skew_ms >= expires:
            raise InvalidTokenError("it has expired")
        if issued is not None and expires <= issued:
            raise InvalidTokenError("it expired before it was issued")
        missing = set(self.required_scope) - self._scope(claims)
        if missing:
            raise InvalidTokenError(
                f"it lacks scope {', '.join(sorted(missing))}", f"[{', '.join(self.required_scope)}]"
            )
        return BearerToken(principal, round(expires))

    def _scope(self, claims: Mapping[str, Any]) -> set[str]:
        scope = claims.get(self.scope_claim)
        if isinstance(scope, str):
            return {scope.strip()} - {""}
        if isinstance(scope, list):
            return {str(one).strip() for one in scope} - {""}
        return set()


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise InvalidTokenError("it has not three parts")
    header, claims = _json(parts[0]), _json(parts[1])
    if header.get("alg") != "none":
        raise InvalidTokenError("it is signed, and no keys to check it with are configured")
    if parts[2]:
        raise InvalidTokenError("it has a signature, but alg is none")
    return claims


def _json(part: str) -> dict[str, Any]:
    try:
        decoded = json.loads(b64decode(part.translate(_STANDARD) + "=" * (-len(part) % 4), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidTokenError("it is not JSON in base64") from None
    if not isinstance(decoded, dict):
        raise InvalidTokenError("it is no JSON object")
    return decoded


_STANDARD = str.maketrans("-_", "+/")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    """A claim that is a number of seconds, in milliseconds."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidTokenError(f"the claim {name} is no number")
    try:
        milliseconds = float(value) * 1000
    except OverflowError:
        milliseconds = float("inf")
    if not abs(milliseconds) < _LATEST_MS:
        raise InvalidTokenError(f"the claim {name} is no time")
    return milliseconds


_LATEST_MS = 2**62
