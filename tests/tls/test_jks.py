"""Stores that keytool made, whole and damaged."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from kbroker.tls.jks import JksError, read_jks

STORES = Path(__file__).parents[1] / "data" / "keystores"
SERVER = (STORES / "server.jks").read_bytes()


def test_a_private_key_fits_its_certificate() -> None:
    (entry,) = read_jks(SERVER, "store-secret").keys
    certificate = load_der_x509_certificate(entry.chain[0])
    key = load_der_private_key(entry.private_key("key-secret"), None)
    assert entry.alias == "broker"
    assert key.public_key() == certificate.public_key()
    assert certificate == load_pem_x509_certificate((STORES / "server.pem").read_bytes())


def test_trusted_certificates() -> None:
    data = (STORES / "trust.jks").read_bytes()
    store = read_jks(data, "store-secret")
    assert store.keys == []
    expected = load_pem_x509_certificate((STORES / "server.pem").read_bytes())
    assert [load_der_x509_certificate(one) for one in store.trusted] == [expected]
    assert read_jks(data, None) == store  # without a password it is not checked, as in Java


@pytest.mark.parametrize("password", ["", "store-secre", "key-secret"])
def test_wrong_passwords(password: str) -> None:
    with pytest.raises(JksError, match="password is wrong, or the file was damaged"):
        read_jks(SERVER, password)
    (entry,) = read_jks(SERVER, "store-secret").keys
    with pytest.raises(JksError, match="password of its key is wrong"):
        entry.private_key("store-secret")


def test_every_changed_byte_is_noticed() -> None:
    for at in range(0, len(SERVER), 17):
        damaged = bytearray(SERVER)
        damaged[at] ^= 1
        with pytest.raises(JksError):
            read_jks(bytes(damaged), "store-secret")


def test_unchecked_damage_raises_nothing_else() -> None:
    for at in range(4, len(SERVER) - 20, 3):
        for damaged in (SERVER[:at], SERVER[:at] + bytes([SERVER[at] ^ 0xFF]) + SERVER[at + 1 :]):
            try:
                for entry in read_jks(damaged, None).keys:
                    entry.private_key("key-secret")
            except JksError:
                pass


def test_other_files() -> None:
    for name in ("server.p12", "server.jceks", "server.pem"):
        with pytest.raises(JksError, match="no JKS"):
            read_jks((STORES / name).read_bytes(), "store-secret")
