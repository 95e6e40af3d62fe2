"""How a client authenticates, by hand: PLAIN, SCRAM and OAUTHBEARER with tokens that nobody signed."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import Any

from differential.conversation import Client, Conversation
from differential.settings import PASSWORDS
from kbroker.protocol.alter_user_scram_credentials import AlterUserScramCredentialsRequest
from kbroker.protocol.describe_user_scram_credentials import DescribeUserScramCredentialsRequest
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest

HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
NUMBERS = {"SCRAM-SHA-256": 1, "SCRAM-SHA-512": 2}
ITERATIONS = 4096
SALT = b"a salt of this test"
FAR_FUTURE = 4_000_000_000  # seconds: the year 2096


def plain_token(name: str, password: str | None = None, authorization_id: str = "") -> bytes:
    """PLAIN's one token."""
    return "\0".join((authorization_id, name, PASSWORDS[name] if password is None else password)).encode()


def bearer_token(claims: dict[str, Any], header: dict[str, Any] | None = None, signature: str = "") -> bytes:
    """OAUTHBEARER's first message, with an unsigned token."""
    parts = [json.dumps(each, separators=(",", ":")) for each in (header or {"alg": "none"}, claims)]
    token = ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    return f"n,,\x01auth=Bearer {token}.{signature}\x01\x01".encode()


class Scram:
    """One exchange's client side."""

    def __init__(self, mechanism: str, name: str, password: str, extensions: str = "") -> None:
        self._hash = HASHES[mechanism]
        self._password = password
        self._bare = f"n={name},r=client-nonce{extensions}"

    def first(self) -> bytes:
        """The first message."""
        return f"n,,{self._bare}".encode()

    def final(self, challenge: bytes) -> bytes:
        """The final message, which answers the broker's challenge."""
        nonce, salt, iterations = (part[2:] for part in challenge.decode().split(","))
        salted = hashlib.pbkdf2_hmac(self._hash, self._password.encode(), b64decode(salt), int(iterations))
        key = hmac.digest(salted, b"Client Key", self._hash)
        final = f"c=biws,r={nonce}"
        message = f"{self._bare},{challenge.decode()},{final}".encode()
        signature = hmac.digest(hashlib.new(self._hash, key).digest(), message, self._hash)
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{final},p={b64encode(proof).decode()}".encode()


def upsertion(name: str, mechanism: str, password: str, iterations: int = ITERATIONS) -> dict[str, Any]:
    """A credential as AlterUserScramCredentials sets it."""
    salted = hashlib.pbkdf2_hmac(HASHES[mechanism], password.encode(), SALT, iterations)
    number = NUMBERS[mechanism]
    return {
        "name": name,
        "mechanism": number,
        "iterations": iterations,
        "salt": SALT,
        "salted_password": salted,
    }


def prepare_users(port: int) -> None:
    """Give every user a password for each SCRAM mechanism, and wait until they are known."""
    conversation = Conversation(port, "users", 0)
    for mechanism in HASHES:
        changes = [upsertion(name, mechanism, password) for name, password in PASSWORDS.items()]
        conversation.first.quietly(AlterUserScramCredentialsRequest, 0, deletions=[], upsertions=changes)
    known = 0
    while known < 2 * len(PASSWORDS):
        answer = conversation.first.quietly(DescribeUserScramCredentialsRequest, 0, users=[])
        known = sum(len(result.credential_infos) for result in answer.results)
    conversation.close()


def log_in(client: Client, name: str = "alice") -> Client:
    """Authenticate with PLAIN; none of it is recorded."""
    client.quietly(SaslHandshakeRequest, 1, mechanism="PLAIN")
    answer = client.quietly(SaslAuthenticateRequest, 2, auth_bytes=plain_token(name))
    assert answer.error_code == 0, answer
    return client


def log_in_with_token(client: Client, token_id: str, secret: bytes) -> Client:
    """Authenticate with a delegation token; none of it is recorded."""
    scram = Scram("SCRAM-SHA-256", token_id, b64encode(secret).decode(), ",tokenauth=true")
    client.quietly(SaslHandshakeRequest, 1, mechanism="SCRAM-SHA-256")
    challenge = client.quietly(SaslAuthenticateRequest, 2, auth_bytes=scram.first())
    assert challenge.error_code == 0, challenge
    answer = client.quietly(SaslAuthenticateRequest, 2, auth_bytes=scram.final(bytes(challenge.auth_bytes)))
    assert answer.error_code == 0, answer
    return client
