"""Key stores and trust stores, JKS, PKCS12 and PEM, from the file to the context that connections are made with."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fixtures import outcome
from fixtures.broker_thread import memory_directory

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.errors import StartupError
from kbroker.tls.certificate import parse_certificate
from kbroker.tls.der import DerError
from kbroker.tls.distinguished_name import distinguished_name
from kbroker.tls.listener import TlsListener

_STORES = Path(__file__).parent.parent.parent / "tests" / "data" / "keystores"
_LISTENER = Listener("SSL", "", 1, security_protocol=SecurityProtocol.SSL)
_PASSWORD = "store-secret"
_KEY, _TRUST, _PEM_KEY, _PEM_TRUST, _INLINE, _CERTIFICATE = range(6)


@cache
def _file() -> Path:
    return Path(tempfile.mkdtemp(prefix="kbroker-fuzz-", dir=memory_directory())) / "store"


def check(data: bytes) -> None:
    """A store is used, or a StartupError says what is wrong with it."""
    kind, store = (data[:1] or b"\0")[0] % 6, data[1:]
    if kind == _CERTIFICATE:
        try:
            outcome.note(len(distinguished_name(parse_certificate(store).subject)))
        except DerError as error:
            outcome.note(str(error)[:30])
        return
    _file().write_bytes(store)
    pem = str(_STORES / "server.pem")
    settings = {"ssl.keystore.location": pem, "ssl.keystore.type": "PEM"}
    match kind:
        case 0:
            settings = {
                "ssl.keystore.location": str(_file()),
                "ssl.keystore.password": _PASSWORD,
                "ssl.key.password": "key-secret",
            }
        case 1:
            settings |= {
                "ssl.truststore.location": str(_file()),
                "ssl.truststore.password": _PASSWORD,
                "ssl.client.auth": "required",
            }
        case 2:
            settings = {
                "ssl.keystore.location": str(_file()),
                "ssl.keystore.type": "PEM",
                "ssl.key.password": "x",
            }
        case 3:
            settings |= {
                "ssl.truststore.location": str(_file()),
                "ssl.truststore.type": "PEM",
                "ssl.client.auth": "requested",
            }
        case _:
            text = store.decode("utf-8", "replace")
            settings = {
                "ssl.keystore.key": text,
                "ssl.keystore.certificate.chain": text,
                "ssl.keystore.type": "PEM",
            }
    try:
        TlsListener(_LISTENER, BrokerConfig.of(settings))
    except StartupError as error:
        outcome.note(kind, str(error).rpartition(": ")[2][:30])
    else:
        outcome.note(kind, "used")


def seeds() -> Iterator[bytes]:
    """The stores of the tests, which keytool and openssl made."""
    for path in sorted(_STORES.iterdir()):
        for kind in range(5):
            yield bytes((kind,)) + path.read_bytes()
    pem = (_STORES / "server.pem").read_text()
    from kbroker.tls.pem import blocks

    for block in blocks(pem):
        yield bytes((_CERTIFICATE,)) + block.der()
        yield bytes((_PEM_KEY,)) + block.text.encode()
    yield bytes((_INLINE,)) + " ".join(pem.split("\n")).encode()
    yield (
        bytes((_PEM_KEY,))
        + b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA\n-----END RSA PRIVATE KEY-----"
    )


def close() -> None:
    """Remove the file."""
    _file().unlink(missing_ok=True)
    _file().parent.rmdir()
    _file.cache_clear()
