"""A command's side of SASL: PLAIN and SCRAM, from the `sasl.jaas.config` of its properties."""

import binascii
import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator

from attrs import field, frozen

from kbroker.config.jaas import JaasError, parse_jaas
from kbroker.errors import StartupError
from kbroker.state.authentication.scram_keys import mac, salted_password
from kbroker.state.scram_credentials import BY_NAME, MAX_ITERATIONS, ScramMechanism

PLAIN = "PLAIN"
NONCE_BYTES = 18

Exchange = Generator[bytes, bytes, None]  # what the client sends, what the broker answers to it


class SaslError(Exception):
    """The broker's answer is not what it must be: it doesn't know the password either, or speaks no SASL."""


@frozen
class SaslLogin:
    """Who logs in, and how."""

    mechanism: str
    username: str
    password: str = field(repr=False)

    def exchange(self, nonce: Callable[[int], str] = secrets.token_urlsafe) -> Exchange:
        """The client's messages, each to be sent, and answered with what the broker says. Raises SaslError."""
        if self.mechanism == PLAIN:
            yield f"\0{self.username}\0{self.password}".encode()
        else:
            yield from self._scram(BY_NAME[self.mechanism], nonce(NONCE_BYTES))

    def _scram(self, mechanism: ScramMechanism, nonce: str) -> Exchange:
        name = self.username.replace("=", "=3D").replace(",", "=2C")
        first = f"n={name},r={nonce}"
        challenge = (yield f"n,,{first}".encode()).decode("utf-8", "replace")
        fields = _fields(challenge)
        try:
            salt, iterations = b64decode(fields["s"], validate=True), int(fields["i"])
            its_nonce = fields["r"]
        except (KeyError, ValueError, binascii.Error):
            raise SaslError("the broker's challenge is not one of SCRAM") from None
        if not its_nonce.startswith(nonce) or not 0 < iterations <= MAX_ITERATIONS:
            raise SaslError("the broker's challenge is not an answer to this login")
        salted = salted_password(mechanism, self.password, salt, iterations)
        last = f"c=biws,r={its_nonce}"
        signed = f"{first},{challenge},{last}".encode()
        client_key = mac(mechanism, salted, b"Client Key")
        signature = mac(mechanism, hashlib.new(mechanism.hash_name, client_key).digest(), signed)
        proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
        final = yield f"{last},p={b64encode(proof).decode()}".encode()
        expected = b64encode(mac(mechanism, mac(mechanism, salted, b"Server Key"), signed))
        if not hmac.compare_digest(_fields(final.decode("utf-8", "replace")).get("v", "").encode(), expected):
            raise SaslError("the broker does not know the password either")


def _fields(message: str) -> dict[str, str]:
    return {part[0]: part[2:] for part in message.split(",") if part[1:2] == "="}


def login_of(mechanism: str, jaas: str | None) -> SaslLogin:
    """Who `sasl.mechanism` and `sasl.jaas.config` say logs in. Raises StartupError."""
    if mechanism != PLAIN and mechanism not in BY_NAME:
        known = ", ".join((PLAIN, *BY_NAME))
        raise StartupError(f"sasl.mechanism is {mechanism}, but commands know {known}")
    if jaas is None:
        raise StartupError("sasl.jaas.config is not set: who is it that logs in?")
    try:
        options = parse_jaas(jaas)[0].options
    except JaasError as error:
        raise StartupError(f"sasl.jaas.config: {error}") from None
    if not {"username", "password"} <= options.keys():
        raise StartupError("sasl.jaas.config must have a username and a password")
    return SaslLogin(mechanism, options["username"], options["password"])
