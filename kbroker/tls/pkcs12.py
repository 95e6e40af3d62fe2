"""PKCS#12 (RFC 7292), read by the `cryptography` library: the extra `security` installs it."""

from attrs import frozen

from kbroker.errors import StartupError

EXTRA = "kbroker with its extra `security` (in its source directory: pip install '.[security]')"


class Pkcs12Error(ValueError):
    """A file that is no PKCS#12 store, or not with this password."""


@frozen
class Pkcs12Store:
    """A private key as PKCS#8 DER with its certificate, if there is one, and all other certificates, in DER."""

    private_key: bytes | None
    certificate: bytes | None
    others: tuple[bytes, ...]


def read_pkcs12(data: bytes, password: str | None) -> Pkcs12Store:
    """Read a store. Raises Pkcs12Error, and StartupError without the library."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
        from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
    except ImportError:
        raise StartupError(f"PKCS12 key stores need {EXTRA}") from None
    try:
        store = load_pkcs12(data, password.encode() if password is not None else None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Pkcs12Error(f"it can't be read, or not with this password: {error}") from error
    key = store.key and store.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Pkcs12Store(
        key or None,
        store.cert.certificate.public_bytes(Encoding.DER) if store.cert else None,
        tuple(one.certificate.public_bytes(Encoding.DER) for one in store.additional_certs),
    )
