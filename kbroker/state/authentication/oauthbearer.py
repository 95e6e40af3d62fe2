"""OAUTHBEARER (RFC 7628, KIP-255): the client shows a token that somebody else issued."""

import json
import re
from collections.abc import Callable, Mapping

from attrs import frozen

from kbroker.state.authentication.exchange import AuthenticationError, Identity

_SASL_NAME = r"(?:[\x01-\x2b\x2d-\x3c\x3e-\x7f]|=2C|=3D)+"
_KEY = r"[A-Za-z]+"
_PAIR = rf"{_KEY}=[\x21-\x7e \t\r\n]+\x01"
_FIRST = re.compile(rf"n,(?:a=({_SASL_NAME}))?,\x01((?:{_PAIR})*)\x01")
_AUTH = re.compile(r"([A-Za-z0-9_]+) +([-_.a-zA-Z0-9]+)")
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_SEEN_ERROR = b"\x01"


@frozen
class BearerToken:
    """A token that is valid: whom it names, and until when (ms since the epoch)."""

    principal_name: str
    expires_ms: int


class InvalidTokenError(Exception):
    """A token is not accepted; the text is for the log. `scope` is what it would have had to allow."""

    def __init__(self, reason: str, scope: str | None = None) -> None:
        super().__init__(reason)
        self.scope = scope


ValidateToken = Callable[[str], BearerToken]
"""Raises InvalidTokenError."""


def name_in(claims: Mapping[str, object], claim: str) -> str:
    """The name in a claim. Raises InvalidTokenError if it is none.

    JSON can hold halves of UTF-16's pairs; a principal with one could be neither stored nor told to anybody.
    """
    name = claims.get(claim)
    if not isinstance(name, str) or not name.strip() or _HALF_A_PAIR.search(name):
        raise InvalidTokenError(f"the claim {claim} names nobody")
    return name


class OAuthBearerExchange:
    """One token; after one that is refused, the client acknowledges the error and is told again, as a failure."""

    def __init__(self, validate: ValidateToken) -> None:
        self.identity: Identity | None = None
        self._validate = validate
        self._error: tuple[str, str] | None = None  # as the client is told, and the reason

    def respond(self, token: bytes) -> bytes:
        """Take the client's first message, or its answer to an error. Raises AuthenticationError."""
        if token == _SEEN_ERROR and self._error is not None:
            shown, reason = self._error
            raise AuthenticationError(reason, shown)
        authorization_id, bearer = _parse(token.decode("utf-8", "replace"))
        try:
            valid = self._validate(bearer)
        except InvalidTokenError as error:
            return self._refuse(error).encode()
        if authorization_id not in ("", valid.principal_name):
            raise AuthenticationError(
                "another authorization id than the token's principal",
                f"Authentication failed: Client requested an authorization id ({authorization_id}) that is "
                f"different from the token's principal name ({valid.principal_name})",
            )
        self.identity = Identity(valid.principal_name, valid.expires_ms)
        return b""

    def _refuse(self, error: InvalidTokenError) -> str:
        # Written as Apache Kafka writes it, with a blank before the scope.
        status = "invalid_token" if error.scope is None else "insufficient_scope"
        scope = "" if error.scope is None else f', "scope":{json.dumps(error.scope)}'
        shown = f'{{"status":"{status}"{scope}}}'
        self._error = (shown, str(error))
        return shown


def _parse(message: str) -> tuple[str, str]:
    """The authorization id, "" if there is none, and the token."""
    first = _FIRST.fullmatch(message)
    if first is None:
        raise AuthenticationError("the client's first message is not one of OAUTHBEARER")
    pairs = dict(pair.split("=", 1) for pair in first[2].split("\x01") if pair)
    auth = _AUTH.fullmatch(pairs.get("auth", ""))
    if auth is None or auth[1].lower() != "bearer":
        raise AuthenticationError("the client's first message has no bearer token")
    return first[1] or "", auth[2]
