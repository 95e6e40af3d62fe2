"""Java's own key store format, JKS, read without Java.

Big-endian, texts as in a .class file: the magic number and a version; entries, each with an alias and a date: a private
key with its chain of certificates, or a trusted certificate; at the end SHA-1 over the password in UTF-16, a phrase and
all that came before. A private key is hidden by XOR with a SHA-1 key stream that begins with a salt; the same hash over
password and key, after it, tells a wrong password.
"""

import hashlib
import hmac
from struct import Struct
from struct import error as struct_error

from attrs import Factory, define, frozen

from kbroker.tls.der import OCTET_STRING, SEQUENCE, DerError, element, oid_text

MAGIC = b"\xfe\xed\xfe\xed"
JCEKS_MAGIC = b"\xce\xce\xce\xce"
_PHRASE = b"Mighty Aphrodite"
_KEY_PROTECTOR = "1.3.6.1.4.1.42.2.17.1.1"
_DIGEST_SIZE = 20
_PRIVATE_KEY, _TRUSTED_CERTIFICATE = 1, 2
_VERSIONS = (1, 2)
_INT, _SHORT, _LONG = Struct(">i"), Struct(">H"), Struct(">q")


class JksError(ValueError):
    """A file that is no JKS store, or a password that isn't the store's or the key's."""


@frozen
class KeyEntry:
    """A private key, still hidden, and its certificates in DER, its own first."""

    alias: str
    protected_key: bytes
    chain: tuple[bytes, ...]

    def private_key(self, password: str) -> bytes:
        """The key as PKCS#8 DER. Raises JksError for a wrong password."""
        return _recover(self.protected_key, password)


@define
class JksStore:
    """What a store holds, in its order."""

    keys: list[KeyEntry] = Factory(list)
    trusted: list[bytes] = Factory(list)  # certificates in DER


def read_jks(data: bytes, password: str | None) -> JksStore:
    """Read a store; without a password its integrity is not checked, as in Java. Raises JksError."""
    if data[:4] != MAGIC or len(data) < len(MAGIC) + _DIGEST_SIZE:
        raise JksError("it is no JKS key store")
    body, digest = data[:-_DIGEST_SIZE], data[-_DIGEST_SIZE:]
    if password is not None:
        expected = hashlib.sha1(_utf16(password) + _PHRASE + body).digest()  # noqa: S324 - what the format has
        if not hmac.compare_digest(expected, digest):
            raise JksError("the password is wrong, or the file was damaged")
    try:
        return _read(_Reader(body, len(MAGIC)))
    except (struct_error, UnicodeDecodeError, IndexError) as error:
        raise JksError(f"it was damaged: {error}") from error


def _read(reader: "_Reader") -> JksStore:
    version = reader.read_int()
    if version not in _VERSIONS:
        raise JksError(f"it has version {version}")
    store = JksStore()
    for _ in range(reader.read_int()):
        tag, alias, _date = reader.read_int(), reader.read_text(), reader.read_long()
        if tag == _PRIVATE_KEY:
            key = reader.read_bytes()
            chain = tuple(reader.read_certificate(version) for _ in range(reader.read_int()))
            store.keys.append(KeyEntry(alias, key, chain))
        elif tag == _TRUSTED_CERTIFICATE:
            store.trusted.append(reader.read_certificate(version))
        else:
            raise JksError(f"it has an entry of kind {tag}")
    return store


class _Reader:
    def __init__(self, data: bytes, offset: int) -> None:
        self._data = data
        self._offset = offset

    def read_int(self) -> int:
        (number,) = _INT.unpack(self._take(_INT.size))
        return int(number)

    def read_long(self) -> int:
        (number,) = _LONG.unpack(self._take(_LONG.size))
        return int(number)

    def read_text(self) -> str:
        (size,) = _SHORT.unpack(self._take(_SHORT.size))
        return self._take(size).decode("utf-8", "replace")

    def read_bytes(self) -> bytes:
        return self._take(self.read_int())

    def read_certificate(self, version: int) -> bytes:
        if version > 1:
            self.read_text()  # its format: X.509
        return self.read_bytes()

    def _take(self, count: int) -> bytes:
        if not 0 <= count <= len(self._data) - self._offset:
            raise JksError("it was cut short")
        self._offset += count
        return self._data[self._offset - count : self._offset]


def _recover(protected: bytes, password: str) -> bytes:
    try:
        algorithm, contents = element(protected).expect(SEQUENCE).children()
        oid = oid_text(next(algorithm.children()).contents)
        hidden = contents.expect(OCTET_STRING).contents
    except (DerError, ValueError, StopIteration) as error:
        raise JksError(f"its key was damaged: {error}") from error
    if oid != _KEY_PROTECTOR:
        raise JksError(f"its key is encrypted by {oid}, which is not known")
    salt, check = hidden[:_DIGEST_SIZE], hidden[-_DIGEST_SIZE:]
    hidden = hidden[_DIGEST_SIZE:-_DIGEST_SIZE]
    secret = _utf16(password)
    stream, block = bytearray(), salt
    while len(stream) < len(hidden):
        block = hashlib.sha1(secret + block).digest()  # noqa: S324 - what the format has
        stream += block
    key = bytes(one ^ other for one, other in zip(hidden, stream, strict=False))
    expected = hashlib.sha1(secret + key).digest()  # noqa: S324 - what the format has
    if not hmac.compare_digest(expected, check):
        raise JksError("the password of its key is wrong")
    return key


def _utf16(password: str) -> bytes:
    return password.encode("utf-16-be", "surrogatepass")
