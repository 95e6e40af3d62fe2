"""Key and trust stores in every form; every refusal, and no secret in any."""

from pathlib import Path

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError
from kbroker.tls.jks import read_jks
from kbroker.tls.pem import blocks
from kbroker.tls.stores import read_keystore, read_truststore

from .certificates import AUTHORITY, CLIENT, SERVER

STORES = Path(__file__).parents[1] / "data" / "keystores"
(KEY,) = read_jks((STORES / "server.jks").read_bytes(), "store-secret").keys


def config(**settings: str) -> BrokerConfig:
    return BrokerConfig.of({name.replace("_", "."): value for name, value in settings.items()})


def pem_file(directory: Path, text: str) -> str:
    (directory / "store.pem").write_text(text)
    return str(directory / "store.pem")


def test_none() -> None:
    assert read_keystore(config()) is None
    assert read_truststore(config()) is None


@pytest.mark.parametrize("password", [None, "key-secret"])
def test_a_pem_file_and_pem_in_the_settings_are_the_same(tmp_path: Path, password: str | None) -> None:
    location = pem_file(tmp_path, SERVER.pem + AUTHORITY.pem + SERVER.key_pem(password))
    more = {"ssl_key_password": password} if password else {}
    from_file = read_keystore(config(ssl_keystore_type="PEM", ssl_keystore_location=location, **more))
    in_settings = read_keystore(
        config(
            ssl_keystore_type="pem",
            ssl_keystore_key=blocks(Path(location).read_text())[2].text,
            ssl_keystore_certificate_chain=SERVER.pem + AUTHORITY.pem,
            **more,
        )
    )
    assert from_file == in_settings
    assert from_file is not None
    assert [block.label for block in blocks(from_file.text)][1:] == ["CERTIFICATE", "CERTIFICATE"]
    assert (from_file.password, from_file.certificate.encoded) == (password, SERVER.der)
    assert "PRIVATE" not in repr(from_file)


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
@pytest.mark.parametrize(
    ("name", "key_password"), [("server.jks", "key-secret"), ("server.p12", None), ("legacy.p12", None)]
)
def test_binary_stores_are_told_apart_by_their_contents(
    kind: str, name: str, key_password: str | None
) -> None:
    more = {"ssl_key_password": key_password} if key_password else {}
    location = str(STORES / name)
    found = read_keystore(
        config(
            ssl_keystore_type=kind,
            ssl_keystore_location=location,
            ssl_keystore_password="store-secret",
            **more,
        )
    )
    assert found is not None
    key, certificate = blocks(found.text)
    assert key.der() == KEY.private_key("key-secret")
    assert certificate.der() == found.certificate.encoded == KEY.chain[0]


@pytest.mark.parametrize("name", ["trust.jks", "trust.p12", "legacy-trust.p12", "server.jks", "server.p12"])
def test_trust_stores(name: str) -> None:
    found = read_truststore(
        config(ssl_truststore_location=str(STORES / name), ssl_truststore_password="store-secret")
    )
    assert found == (KEY.chain[0],)


def test_trust_in_pem(tmp_path: Path) -> None:
    location = pem_file(tmp_path, AUTHORITY.pem + CLIENT.pem)
    assert read_truststore(config(ssl_truststore_type="PEM", ssl_truststore_location=location)) == (
        AUTHORITY.der,
        CLIENT.der,
    )
    assert read_truststore(config(ssl_truststore_type="PEM", ssl_truststore_certificates=AUTHORITY.pem)) == (
        AUTHORITY.der,
    )


KEY_AND_CHAIN = {"ssl_keystore_key": SERVER.key_pem(), "ssl_keystore_certificate_chain": SERVER.pem}
JKS = {"ssl_keystore_location": str(STORES / "server.jks"), "ssl_keystore_password": "store-secret"}
P12 = {"ssl_keystore_location": str(STORES / "server.p12")}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ssl_keystore_type": "BKS"}, "ssl.keystore.type is BKS, but must be one of PEM, JKS, PKCS12"),
        ({"ssl_keystore_password": "hush"}, "ssl.keystore.password is set, but ssl.keystore.location is not"),
        ({"ssl_keystore_key": SERVER.key_pem(), "ssl_keystore_type": "PEM"}, "belong together"),
        ({"ssl_keystore_certificate_chain": SERVER.pem, "ssl_keystore_type": "PEM"}, "belong together"),
        (KEY_AND_CHAIN, "ssl.keystore.type is JKS; set it to PEM"),
        (KEY_AND_CHAIN | {"ssl_keystore_type": "PEM", "ssl_keystore_location": "/x"}, "one of them must go"),
        (
            KEY_AND_CHAIN | {"ssl_keystore_type": "PEM", "ssl_keystore_password": "hush"},
            "ssl.keystore.password can't be set",
        ),
        (KEY_AND_CHAIN | {"ssl_keystore_type": "PEM", "ssl_keystore_key": "hush"}, "no private key in PEM"),
        (
            KEY_AND_CHAIN | {"ssl_keystore_type": "PEM", "ssl_keystore_certificate_chain": "hush"},
            "no certificate in PEM",
        ),
        (
            KEY_AND_CHAIN | {"ssl_keystore_type": "PEM", "ssl_keystore_key": SERVER.key_pem("hush")},
            "is encrypted: ssl.key.password must be set",
        ),
        (
            {"ssl_keystore_location": "/nowhere", "ssl_keystore_password": "hush"},
            "can't read /nowhere: No such file",
        ),
        (P12, "ssl.keystore.password is not set"),
        (P12 | {"ssl_keystore_password": "hush"}, "can't be read, or not with this password"),
        (P12 | {"ssl_keystore_type": "PEM"}, "is not PEM"),
        (JKS, "the password of its key is wrong"),
        (JKS | {"ssl_keystore_password": "hush"}, "password is wrong"),
        (JKS | {"ssl_keystore_location": str(STORES / "trust.jks")}, "no private key"),
        (JKS | {"ssl_keystore_location": str(STORES / "trust.p12")}, "no private key with its certificate"),
        (JKS | {"ssl_keystore_location": str(STORES / "server.pem")}, "is PEM: set ssl.keystore.type to PEM"),
        ({"ssl_keystore_location": str(STORES / "server.pem")}, "is PEM: set ssl.keystore.type to PEM"),
        (JKS | {"ssl_keystore_location": str(STORES / "server.jceks")}, "is JCEKS, which is not supported"),
        (
            {"ssl_keystore_type": "PEM", "ssl_keystore_location": str(STORES / "server.pem")},
            "no private key in PEM",
        ),
    ],
)
def test_key_stores_that_are_refused(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(StartupError) as raised:
        read_keystore(config(**settings))
    assert reason in str(raised.value)
    assert "hush" not in str(raised.value)
    assert "store-secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ssl_truststore_password": "hush"}, "ssl.truststore.location is not"),
        ({"ssl_truststore_certificates": AUTHORITY.pem}, "ssl.truststore.type is JKS; set it to PEM"),
        (
            {
                "ssl_truststore_certificates": AUTHORITY.pem,
                "ssl_truststore_type": "PEM",
                "ssl_truststore_location": "/x",
            },
            "one of them must go",
        ),
        (
            {
                "ssl_truststore_certificates": AUTHORITY.pem,
                "ssl_truststore_type": "PEM",
                "ssl_truststore_password": "hush",
            },
            "can't be set for PEM",
        ),
        ({"ssl_truststore_location": "/nowhere"}, "can't read /nowhere"),
        (
            {"ssl_truststore_location": str(STORES / "trust.jks"), "ssl_truststore_password": "hush"},
            "password is wrong",
        ),
        (
            {"ssl_truststore_location": str(STORES / "trust.p12"), "ssl_truststore_password": "hush"},
            "not with this password",
        ),
        ({"ssl_truststore_location": str(STORES / "server.pem")}, "is PEM: set ssl.truststore.type to PEM"),
        ({"ssl_truststore_type": "PEM", "ssl_truststore_certificates": "none"}, "no certificate in PEM"),
    ],
)
def test_trust_stores_that_are_refused(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(StartupError) as raised:
        read_truststore(config(**settings))
    assert reason in str(raised.value)
    assert "hush" not in str(raised.value)
