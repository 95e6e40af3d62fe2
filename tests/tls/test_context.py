"""Protocol versions, cipher suites and keys of a context."""

import os
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError
from kbroker.tls.certificate import parse_certificate
from kbroker.tls.context import client_context, server_context
from kbroker.tls.stores import KeyStore

from .certificates import AUTHORITY, CLIENT, SERVER

KEYSTORE = KeyStore(SERVER.both, None, parse_certificate(SERVER.der))
GCM = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
ALL_OF_TLS_1_3 = "TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256"


def context(keystore: KeyStore | None = KEYSTORE, auth: str = "none", **settings: str) -> ssl.SSLContext:
    config = BrokerConfig.of({name.replace("_", "."): value for name, value in settings.items()})
    return server_context(config, keystore, [AUTHORITY.der], auth)


def versions(made: ssl.SSLContext) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    return made.minimum_version, made.maximum_version


V2, V3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("enabled", "expected"),
    [
        ("TLSv1.2,TLSv1.3", (V2, V3)),
        ("TLSv1.3", (V3, V3)),
        ("TLSv1.2", (V2, V2)),
        ("TLSv1,TLSv1.1,TLSv1.2", (V2, V2)),
    ],
)
def test_enabled_protocols(enabled: str, expected: tuple[ssl.TLSVersion, ssl.TLSVersion]) -> None:
    assert versions(context(ssl_enabled_protocols=enabled)) == expected


def test_cipher_suites() -> None:
    with_newest = context(ssl_cipher_suites=f"{GCM},{ALL_OF_TLS_1_3}")
    assert versions(with_newest) == (V2, V3)
    assert [one["name"] for one in with_newest.get_ciphers() if one["protocol"] == "TLSv1.2"] == [
        "ECDHE-ECDSA-AES128-GCM-SHA256"
    ]
    assert versions(context(ssl_cipher_suites=GCM)) == (V2, V2)
    assert versions(context(ssl_cipher_suites=ALL_OF_TLS_1_3)) == (V3, V3)


@pytest.mark.skipif(hasattr(ssl.SSLContext, "set_ciphersuites"), reason="this Python can choose among them")
def test_some_suites_of_tls_1_3_alone_switch_it_off(caplog: pytest.LogCaptureFixture) -> None:
    assert versions(context(ssl_cipher_suites=f"{GCM},TLS_AES_128_GCM_SHA256")) == (V2, V2)
    assert "TLS 1.3 is off" in caplog.text


@pytest.mark.parametrize(("auth", "mode"), [("none", 0), ("requested", 1), ("required", 2)])
def test_client_auth(auth: str, mode: int) -> None:
    made = context(auth=auth)
    assert made.verify_mode == mode
    assert made.cert_store_stats()["x509_ca"] == (1 if mode else 0)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ssl_enabled_protocols": "TLSv1.4"}, "must be of TLSv1.2 and TLSv1.3"),
        ({"ssl_enabled_protocols": "TLSv1.1"}, "must be of TLSv1.2 and TLSv1.3"),
        ({"ssl_protocol": "TLSv9"}, "ssl.protocol is TLSv9"),
        ({"ssl_cipher_suites": "TLS_NULL"}, "ssl.cipher.suites has TLS_NULL"),
        ({"ssl_cipher_suites": GCM, "ssl_enabled_protocols": "TLSv1.3"}, "leaves no suite"),
    ],
)
def test_refusals(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(StartupError) as raised:
        context(**settings)
    assert reason in str(raised.value)


def test_without_a_key_store() -> None:
    with pytest.raises(StartupError, match="there is no certificate"):
        context(None)


@pytest.mark.parametrize(
    "keystore",
    [
        KeyStore(SERVER.key_pem("hush") + SERVER.pem, "wrong", parse_certificate(SERVER.der)),
        KeyStore(CLIENT.key_pem() + SERVER.pem, None, parse_certificate(SERVER.der)),
    ],
    ids=["a wrong password", "another's key"],
)
def test_a_key_that_cannot_be_used(keystore: KeyStore) -> None:
    with pytest.raises(StartupError, match="the private key or its certificate can't be used"):
        context(keystore)


def test_an_encrypted_key_and_no_file_left_of_it() -> None:
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    context(KeyStore(SERVER.key_pem("hush") + SERVER.pem, "hush", parse_certificate(SERVER.der)))
    assert (os.listdir("/proc/self/fd") if before else []) == before


def test_what_openssl_calls_weak_is_served_as_by_java() -> None:
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = datetime.now(UTC)
    short = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encodings = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    text = (key.private_bytes(*encodings) + short.public_bytes(Encoding.PEM)).decode()
    keystore = KeyStore(text, None, parse_certificate(short.public_bytes(Encoding.DER)))
    assert context(keystore).get_ciphers() == context().get_ciphers()


def test_where_memory_has_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    context()


def test_clients_check_host_names_unless_told_otherwise() -> None:
    checking = client_context(BrokerConfig.of(), None, [AUTHORITY.der])
    assert checking.check_hostname
    assert checking.verify_mode is ssl.CERT_REQUIRED
    trusting = client_context(
        BrokerConfig.of({"ssl.endpoint.identification.algorithm": ""}), KEYSTORE, [AUTHORITY.der]
    )
    assert not trusting.check_hostname
    assert trusting.verify_mode is ssl.CERT_REQUIRED
