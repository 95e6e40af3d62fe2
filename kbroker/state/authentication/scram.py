"""SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677): a password is proven, never sent.

The messages are taken as strictly as Apache Kafka takes them: no channel binding, names in ASCII, and of the
extensions only `tokenauth=true`, by which the name is that of a delegation token (KIP-48).
"""

import binascii
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable

from attrs import frozen

from kbroker.state.authentication.exchange import AuthenticationError, Identity
from kbroker.state.authentication.scram_keys import mac, proves
from kbroker.state.scram_credentials import MIN_ITERATIONS, ScramCredential, ScramMechanism

_SASL_NAME = r"(?:[\x01-\x2b\x2d-\x3c\x3e-\x7f]|=2C|=3D)+"
_VALUE = r"[\x01-\x2b\x2d-\x7f]+"
_PRINTABLE = r"[\x21-\x2b\x2d-\x7e]+"
_EXTENSIONS = rf"(?:,[A-Za-z]+={_VALUE})*"
_BASE64 = r"[A-Za-z0-9+/]*={0,2}"
_FIRST = re.compile(
    rf"n,(?:a=({_SASL_NAME}))?,(?:m={_VALUE},)?n=({_SASL_NAME}),r=({_PRINTABLE})({_EXTENSIONS})"
)
_FINAL = re.compile(rf"(c={_BASE64},r=({_PRINTABLE})){_EXTENSIONS},p=({_BASE64})")


@frozen
class ScramAccount:
    """Who may log in under a name, and with what."""

    identity: Identity
    credential: ScramCredential


FindAccount = Callable[[str, bool], ScramAccount | None]
"""By name; if the flag is set, the name is the id of a delegation token."""


class ScramExchange:
    """First message, challenge, proof, and the broker's own proof."""

    def __init__(
        self, mechanism: ScramMechanism, find: FindAccount, nonce: Callable[[], str] = secrets.token_urlsafe
    ) -> None:
        self.identity: Identity | None = None
        self._mechanism = mechanism
        self._find = find
        self._make_nonce = nonce
        self._account: ScramAccount | None = None
        self._nonce = ""
        self._begun = ""  # the client's first message and the answer, as both sides sign them

    def respond(self, token: bytes) -> bytes:
        """Take the client's first, then its final message. Raises AuthenticationError."""
        message = token.decode("utf-8", "replace")
        if self._account is None:
            return self._challenge(message).encode()
        return self._finish(message, self._account).encode()

    def _challenge(self, message: str) -> str:
        first = _FIRST.fullmatch(message)
        if first is None:
            raise AuthenticationError("the client's first message is not one of SCRAM")
        authorization_id, sasl_name, client_nonce, extensions = first.groups()
        name = sasl_name.replace("=2C", ",").replace("=3D", "=")
        account = self._find(name, "tokenauth=true" in extensions.lower().split(","))
        if account is None:
            raise AuthenticationError("unknown user")
        if authorization_id not in (None, name):
            raise AuthenticationError(
                "another authorization id than the user name",
                "Authentication failed: Client requested an authorization id that is different from username",
            )
        credential = account.credential
        if credential.iterations < MIN_ITERATIONS:
            raise AuthenticationError(f"the credential has {credential.iterations} iterations only")
        self._nonce = client_nonce + self._make_nonce()
        salt = b64encode(credential.salt).decode()
        challenge = f"r={self._nonce},s={salt},i={credential.iterations}"
        self._begun = f"n={sasl_name},r={client_nonce}{extensions},{challenge}"
        self._account = account
        return challenge

    def _finish(self, message: str, account: ScramAccount) -> str:
        final = _FINAL.fullmatch(message)
        if final is None:
            raise AuthenticationError("the client's final message is not one of SCRAM")
        if final[2] != self._nonce:
            raise AuthenticationError("the client's final message has another nonce")
        try:
            proof = b64decode(final[3], validate=True)
        except binascii.Error:
            raise AuthenticationError("the client's proof is not base64") from None
        auth_message = f"{self._begun},{final[1]}".encode()
        if not proves(self._mechanism, account.credential, proof, auth_message):
            raise AuthenticationError("wrong password")
        self.identity = account.identity
        signature = mac(self._mechanism, account.credential.server_key, auth_message)
        return f"v={b64encode(signature).decode()}"
