"""Key store and trust store as `ssl.keystore.…` and `ssl.truststore.…` name them: a file, or PEM in the setting itself.

JKS, the default type, and PKCS12 are told apart by what is in the file, as Java does. Refusals are Apache Kafka's, and
never hold a secret.
"""

from pathlib import Path

from attrs import frozen

from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError
from kbroker.tls import jks, pem, pkcs12
from kbroker.tls.certificate import Certificate, in_chain_order, parse_certificate

_PEM = "PEM"
_BINARY_TYPES = ("JKS", "PKCS12")
_PEM_BEGINS = b"-----BEGIN"


@frozen
class KeyStore:
    """A private key with its chain of certificates as one PEM text, and what the key in it is encrypted with."""

    text: str
    password: str | None
    certificate: Certificate

    def __repr__(self) -> str:
        """Nothing secret."""
        return "KeyStore(…)"


def read_keystore(settings: TypedValues) -> KeyStore | None:
    """The key store that the settings name, None for none. Raises StartupError."""
    kind = _type(settings, "ssl.keystore.type")
    location = settings.optional_str("ssl.keystore.location") or None
    password = settings.optional_str("ssl.keystore.password")
    key_password = settings.optional_str("ssl.key.password")
    key = settings.optional_str("ssl.keystore.key")
    chain = settings.optional_str("ssl.keystore.certificate.chain")
    if key is not None or chain is not None:
        if key is None or chain is None:
            raise StartupError(
                "ssl.keystore.key and ssl.keystore.certificate.chain belong together; only one of them is set"
            )
        if kind != _PEM:
            raise StartupError(f"ssl.keystore.key is PEM, but ssl.keystore.type is {kind}; set it to PEM")
        if location is not None:
            raise StartupError("both ssl.keystore.location and ssl.keystore.key are set; one of them must go")
        _refuse_password(password, "ssl.keystore.password", "ssl.key.password is for encrypted keys")
        return _from_pem(f"{key}\n{chain}", key_password, "ssl.keystore.key")
    if location is None:
        if password is not None:
            raise StartupError("ssl.keystore.password is set, but ssl.keystore.location is not")
        return None
    data = _read(location, "ssl.keystore.location")
    if kind == _PEM:
        _refuse_password(password, "ssl.keystore.password", "ssl.key.password is for encrypted keys")
        return _from_pem(_text(data, location), key_password, location)
    _refuse_other_formats(data, location, "ssl.keystore.type")
    if password is None:
        raise StartupError(f"ssl.keystore.location is {location}, but ssl.keystore.password is not set")
    return _from_binary(data, location, password, key_password)


def read_truststore(settings: TypedValues) -> tuple[bytes, ...] | None:
    """The certificates, in DER, of the trust store that the settings name, None for none. Raises StartupError."""
    kind = _type(settings, "ssl.truststore.type")
    location = settings.optional_str("ssl.truststore.location") or None
    password = settings.optional_str("ssl.truststore.password")
    certificates = settings.optional_str("ssl.truststore.certificates")
    if certificates is not None:
        if kind != _PEM:
            raise StartupError(
                f"ssl.truststore.certificates is PEM, but ssl.truststore.type is {kind}; set it to PEM"
            )
        if location is not None:
            raise StartupError(
                "both ssl.truststore.location and ssl.truststore.certificates are set; one of them must go"
            )
        _refuse_password(password, "ssl.truststore.password", "certificates need none")
        return _certificates(pem.blocks(certificates), "ssl.truststore.certificates")
    if location is None:
        if password is not None:
            raise StartupError("ssl.truststore.password is set, but ssl.truststore.location is not")
        return None
    data = _read(location, "ssl.truststore.location")
    if kind == _PEM:
        _refuse_password(password, "ssl.truststore.password", "certificates need none")
        return _certificates(pem.blocks(_text(data, location)), location)
    try:
        if data.startswith(jks.MAGIC):
            read = jks.read_jks(data, password)
            trusted = (*read.trusted, *(key.chain[0] for key in read.keys if key.chain))
        else:
            _refuse_other_formats(data, location, "ssl.truststore.type")
            store = pkcs12.read_pkcs12(data, password)
            trusted = store.others + ((store.certificate,) if store.certificate else ())
    except (jks.JksError, pkcs12.Pkcs12Error) as error:
        raise StartupError(f"trust store {location}: {error}") from None
    if not trusted:
        raise StartupError(f"trust store {location} has no trusted certificate")
    return trusted


def _type(settings: TypedValues, name: str) -> str:
    kind = settings.str(name).upper()
    if kind != _PEM and kind not in _BINARY_TYPES:
        raise StartupError(f"{name} is {kind}, but must be one of PEM, {', '.join(_BINARY_TYPES)}")
    return kind


def _read(location: str, setting: str) -> bytes:
    try:
        return Path(location).read_bytes()
    except OSError as error:
        raise StartupError(f"{setting}: can't read {location}: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in its name
        raise StartupError(f"{setting}: can't read {location!r}: {error}") from None


def _text(data: bytes, location: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise StartupError(f"{location} is not PEM: set the type of the store to JKS or PKCS12") from None


def _refuse_password(password: str | None, setting: str, why: str) -> None:
    if password is not None:
        raise StartupError(f"{setting} can't be set for PEM: {why}")


def _refuse_other_formats(data: bytes, location: str, type_setting: str) -> None:
    if data.lstrip().startswith(_PEM_BEGINS):
        raise StartupError(f"{location} is PEM: set {type_setting} to PEM")
    if data.startswith(jks.JCEKS_MAGIC):
        raise StartupError(f"{location} is JCEKS, which is not supported: convert it to PKCS12 with keytool")


def _from_pem(text: str, key_password: str | None, origin: str) -> KeyStore:
    found = pem.blocks(text)
    key = next((block for block in found if block.is_private_key), None)
    if key is None:
        raise StartupError(f"{origin} has no private key in PEM")
    if key.is_encrypted and not key_password:
        raise StartupError(f"the private key of {origin} is encrypted: ssl.key.password must be set")
    chain = _certificates(found, origin)
    return _keystore(key, key_password if key.is_encrypted else None, chain, origin)


def _from_binary(data: bytes, location: str, password: str, key_password: str | None) -> KeyStore:
    try:
        if data.startswith(jks.MAGIC):
            keys = jks.read_jks(data, password).keys
            if not keys:
                raise StartupError(f"key store {location} has no private key")
            key: bytes | None = keys[0].private_key(key_password or password)
            chain = keys[0].chain
        else:
            store = pkcs12.read_pkcs12(data, password)
            key = store.private_key
            chain = in_chain_order(store.certificate, store.others) if store.certificate else ()
    except (jks.JksError, pkcs12.Pkcs12Error) as error:
        raise StartupError(f"key store {location}: {error}") from None
    if key is None or not chain:
        raise StartupError(f"key store {location} has no private key with its certificate")
    return _keystore(pem.Block("PRIVATE KEY", pem.encode("PRIVATE KEY", key)), None, chain, location)


def _keystore(key: pem.Block, password: str | None, chain: tuple[bytes, ...], origin: str) -> KeyStore:
    try:
        certificate = parse_certificate(chain[0])
    except ValueError as error:
        raise StartupError(f"{origin}: {error}") from None
    text = key.text + "".join(pem.encode("CERTIFICATE", one) for one in chain)
    return KeyStore(text, password, certificate)


def _certificates(found: list[pem.Block], origin: str) -> tuple[bytes, ...]:
    try:
        certificates = tuple(block.der() for block in found if block.label == "CERTIFICATE")
    except ValueError as error:
        raise StartupError(f"{origin}: {error}") from None
    if not certificates:
        raise StartupError(f"{origin} has no certificate in PEM")
    return certificates
