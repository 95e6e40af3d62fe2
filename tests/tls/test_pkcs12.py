"""PKCS12 stores that keytool made, today's and Java 8's."""

import sys
from pathlib import Path

import pytest

from kbroker.errors import StartupError
from kbroker.tls.jks import read_jks
from kbroker.tls.pkcs12 import Pkcs12Error, read_pkcs12

STORES = Path(__file__).parents[1] / "data" / "keystores"


@pytest.mark.parametrize("name", ["server.p12", "legacy.p12"])
def test_the_same_key_as_in_the_jks_store(name: str) -> None:
    (expected,) = read_jks((STORES / "server.jks").read_bytes(), "store-secret").keys
    store = read_pkcs12((STORES / name).read_bytes(), "store-secret")
    assert store.private_key == expected.private_key("key-secret")
    assert store.certificate == expected.chain[0]
    assert store.others == ()


@pytest.mark.parametrize("name", ["trust.p12", "legacy-trust.p12"])
def test_trusted_certificates(name: str) -> None:
    expected = read_jks((STORES / "trust.jks").read_bytes(), "store-secret").trusted
    store = read_pkcs12((STORES / name).read_bytes(), "store-secret")
    assert (store.private_key, store.certificate, list(store.others)) == (None, None, expected)


@pytest.mark.parametrize("password", ["wrong", "", None])
def test_wrong_passwords(password: str | None) -> None:
    with pytest.raises(Pkcs12Error) as raised:
        read_pkcs12((STORES / "server.p12").read_bytes(), password)
    assert "can't be read, or not with this password" in str(raised.value)


def test_what_is_no_store() -> None:
    with pytest.raises(Pkcs12Error):
        read_pkcs12(b"hello", "store-secret")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(
        StartupError, match=r"extra `security` \(in its source directory: pip install '\.\[security\]'\)"
    ):
        read_pkcs12(b"", None)
