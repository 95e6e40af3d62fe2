"""The formulas of SCRAM (RFC 5802, RFC 7677): from a password to the keys that are kept, and proofs of knowing it."""

import hashlib
import hmac
import secrets

from kbroker.state.scram_credentials import MIN_ITERATIONS, ScramCredential, ScramMechanism

SALT_BYTES = 32


def salted_password(mechanism: ScramMechanism, password: str, salt: bytes, iterations: int) -> bytes:
    """The password, hashed `iterations` times: what a client computes at each login."""
    return hashlib.pbkdf2_hmac(mechanism.hash_name, password.encode(), salt, iterations)


def credential_of_salted(
    mechanism: ScramMechanism, salted: bytes, salt: bytes, iterations: int
) -> ScramCredential:
    """What is kept of a salted password."""
    stored_key = hashlib.new(mechanism.hash_name, mac(mechanism, salted, b"Client Key")).digest()
    return ScramCredential(salt, stored_key, mac(mechanism, salted, b"Server Key"), iterations)


def credential_of(
    mechanism: ScramMechanism, password: str, salt: bytes | None = None, iterations: int = MIN_ITERATIONS
) -> ScramCredential:
    """What is kept of a password; with a random salt unless one is given."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    salted = salted_password(mechanism, password, salt, iterations)
    return credential_of_salted(mechanism, salted, salt, iterations)


def proves(mechanism: ScramMechanism, credential: ScramCredential, proof: bytes, auth_message: bytes) -> bool:
    """Whether a client's proof shows that it knows the password."""
    signature = mac(mechanism, credential.stored_key, auth_message)
    if len(proof) != len(signature):
        return False
    client_key = bytes(one ^ other for one, other in zip(proof, signature, strict=True))
    return hmac.compare_digest(hashlib.new(mechanism.hash_name, client_key).digest(), credential.stored_key)


def mac(mechanism: ScramMechanism, key: bytes, message: bytes) -> bytes:
    """The keyed hash that all of it is made of."""
    return hmac.digest(key, message, mechanism.hash_name)
