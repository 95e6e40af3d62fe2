"""PLAIN (RFC 4616): user name and password in one token."""

from collections.abc import Mapping
from hmac import compare_digest

from kbroker.state.authentication.exchange import AuthenticationError, Identity

_PARTS = 3


class PlainExchange:
    """Checks a password against those of the JAAS configuration's `user_<name>` options."""

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self.identity: Identity | None = None
        self._passwords = passwords

    def respond(self, token: bytes) -> bytes:
        """Take the one token: authorization id, name, password with NULs between. Raises AuthenticationError."""
        parts = token.decode("utf-8", "replace").split("\0", _PARTS)
        if len(parts) != _PARTS:
            raise _malformed(f"Invalid SASL/PLAIN response: expected {_PARTS} tokens, got {len(parts)}")
        authorization_id, name, password = parts
        if not name:
            raise _malformed("Authentication failed: username not specified")
        if not password:
            raise _malformed("Authentication failed: password not specified")
        expected = self._passwords.get(name)
        # Compared in any case, so that the time taken doesn't tell which users there are.
        same = compare_digest(password.encode(), (expected or "").encode())
        if expected is None or not same:
            raise AuthenticationError(
                "invalid user name or password", "Authentication failed: Invalid username or password"
            )
        if authorization_id not in ("", name):
            raise AuthenticationError(
                "another authorization id than the user name",
                "Authentication failed: Client requested an authorization id that is different from username",
            )
        self.identity = Identity(name)
        return b""


def _malformed(shown: str) -> AuthenticationError:
    return AuthenticationError("malformed token", shown)
