"""Protocol versions, cipher suites and keys of a context."""

import os
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError
from kbroker.tls import pem
from kbroker.tls.certificate import parse_certificate
from kbroker.tls.context import client_context, server_context
from kbroker.tls.stores import KeyStore

from .certificates import AUTHORITY, CLIENT, SERVER

KEYSTORE = KeyStore(SERVER.both, None, parse_certificate(SERVER.der))
GCM = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
ALL_OF_TLS_1_3 = "TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256"


WEAK = (
    Path(__file__).parents[1] / "data" / "weak_certificates"
)  # keys of 512 to 2048 bits, by an authority of theirs
WEAK_AUTHORITY = ssl.PEM_cert_to_DER_cert((WEAK / "ca.pem").read_text())


def weak(what: str) -> KeyStore:
    """A key of some bits and its certificate, signed with some hash: `1024-sha256`."""
    text = (WEAK / f"{what}.pem").read_text()
    return KeyStore(text, None, parse_certificate(pem.blocks(text)[1].der()))


def context(keystore: KeyStore | None = KEYSTORE, auth: str = "none", **settings: str) -> ssl.SSLContext:
    config = BrokerConfig.of({name.replace("_", "."): value for name, value in settings.items()})
    return server_context(config, keystore, [AUTHORITY.der, WEAK_AUTHORITY], auth)


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
    assert made.cert_store_stats()["x509_ca"] == (2 if mode else 0)


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
    ("key", "password", "reason"),
    [
        (
            SERVER.key_pem("hush"),
            "wrong",
            r"the private key can't be decrypted: is ssl\.key\.password right\?",
        ),
        (CLIENT.key_pem(), None, "the private key or its certificate can't be used: key values mismatch"),
        (
            CLIENT.key_pem("hush"),
            "hush",
            "the private key or its certificate can't be used: key values mismatch",
        ),
    ],
    ids=["a wrong password", "another's key", "another's encrypted key"],
)
def test_a_key_that_cannot_be_used(key: str, password: str | None, reason: str) -> None:
    with pytest.raises(StartupError, match=reason):
        context(KeyStore(key + SERVER.pem, password, parse_certificate(SERVER.der)))


def test_an_encrypted_key_and_no_file_left_of_it() -> None:
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    context(KeyStore(SERVER.key_pem("hush") + SERVER.pem, "hush", parse_certificate(SERVER.der)))
    assert (os.listdir("/proc/self/fd") if before else []) == before


@pytest.mark.parametrize("auth", ["none", "requested", "required"])
@pytest.mark.parametrize("suites", ["", ALL_OF_TLS_1_3, f"{GCM},{ALL_OF_TLS_1_3}"])
def test_a_short_key_is_served_as_by_java(auth: str, suites: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = {"ssl_cipher_suites": suites} if suites else {}
    made = context(weak("1024-sha256"), auth, **settings)
    assert made.security_level == 1
    assert made.get_ciphers() == context(auth=auth, **settings).get_ciphers()
    assert "ee key too small" in caplog.text
    assert "level 1, which allows keys of 1024 bits in the other side's certificate" in caplog.text


def test_a_certificate_signed_with_sha_1_is_served_where_clients_show_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = context(weak("2048-sha1"))
    assert made.security_level == 0
    assert made.get_ciphers() == context().get_ciphers()
    assert "ca md too weak" in caplog.text
    assert "level 0, which allows SHA-1 and short keys in handshakes" in caplog.text


def test_a_stricter_policy_of_the_system_is_lowered_no_further_than_needed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "kbroker.tls.context._apply", lambda made, _settings: made.set_ciphers("DEFAULT:@SECLEVEL=3")
    )
    made = context(weak("2048-sha256"), "required")
    assert made.security_level == 2
    assert "level 2, which allows no more than OpenSSL usually does" in caplog.text


def test_the_level_of_a_context_without_older_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system's policy may leave those of TLS 1.3 alone."""
    monkeypatch.setattr(
        ssl.SSLContext, "get_ciphers", lambda _: [{"name": name} for name in ALL_OF_TLS_1_3.split(",")]
    )
    made = context(weak("1024-sha256"), ssl_enabled_protocols="TLSv1.3")
    assert made.security_level == 1
    monkeypatch.undo()
    assert {one["name"] for one in made.get_ciphers()} == set(ALL_OF_TLS_1_3.split(","))
    assert handshake(made, None) is None


@pytest.mark.parametrize("auth", ["requested", "required"])
def test_where_clients_show_certificates_the_own_one_may_not_lower_what_theirs_must_be(auth: str) -> None:
    with pytest.raises(
        StartupError, match=r"ca md too weak; .*signed with SHA-256, or set ssl\.client\.auth=none"
    ):
        context(weak("2048-sha1"), auth)
    with pytest.raises(StartupError, match=r"ca md too weak; .*signed with SHA-256$"):
        client_context(BrokerConfig.of(), weak("2048-sha1"), [AUTHORITY.der])


@pytest.mark.parametrize("own", ["strong", "weak"])
@pytest.mark.parametrize("auth", ["requested", "required"])
@pytest.mark.parametrize("theirs", ["512-sha256", "2048-md5"])
def test_a_weak_client_is_refused_whatever_the_own_key(own: str, auth: str, theirs: str) -> None:
    made = context(weak("1024-sha256") if own == "weak" else KEYSTORE, auth)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"too (weak|small)"):
        handshake(made, theirs)


@pytest.mark.parametrize("theirs", ["1024-sha256", "2048-sha256"])
def test_a_client_that_java_accepts_is_served_with_a_weak_own_key(theirs: str) -> None:
    expected = weak(theirs).certificate.encoded
    assert handshake(context(weak("1024-sha256"), "required"), theirs) == expected


def handshake(server: ssl.SSLContext, client: str | None) -> bytes | None:
    """Shake hands in memory with a client that accepts anything. Returns its certificate, as the server saw it."""
    accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    accepting.check_hostname = False
    accepting.verify_mode = ssl.CERT_NONE
    accepting.set_ciphers("DEFAULT:@SECLEVEL=0")
    if client is not None:
        accepting.maximum_version = V2  # a key of 512 bits has no signature of TLS 1.3
        accepting.load_cert_chain(WEAK / f"{client}.pem")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = accepting.wrap_bio(to_client, to_server)
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (theirs, ours) * 3:
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return ours.getpeercert(binary_form=True)


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
