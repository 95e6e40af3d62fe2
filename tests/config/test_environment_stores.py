"""The key stores of Kafka's container images."""

from pathlib import Path

import pytest

from kbroker.config import environment_stores
from kbroker.config.environment import settings_of
from kbroker.errors import StartupError


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment_stores, "SECRETS_DIR", tmp_path)
    return tmp_path


@pytest.fixture
def certs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment_stores, "BITNAMI_DIRS", (Path("/nowhere"), tmp_path))
    return tmp_path


def texts(**environ: str) -> dict[str, str]:
    settings = settings_of(environ)
    assert settings.warnings == []
    return {name: value.text for name, value in settings.values.items()}


def test_files_of_cp_kafka(secrets: Path) -> None:
    (secrets / "creds").write_text("store-secret\n")
    assert texts(
        KAFKA_SSL_KEYSTORE_FILENAME="broker.jks",
        KAFKA_SSL_KEY_CREDENTIALS="creds",
        KAFKA_SSL_KEYSTORE_CREDENTIALS="creds",
        KAFKA_SSL_TRUSTSTORE_FILENAME="trust.jks",
        KAFKA_SSL_TRUSTSTORE_CREDENTIALS="creds",
        KAFKA_SSL_CLIENT_AUTH="required",
    ) == {
        "ssl.keystore.location": str(secrets / "broker.jks"),
        "ssl.key.password": "store-secret",
        "ssl.keystore.password": "store-secret",
        "ssl.truststore.location": str(secrets / "trust.jks"),
        "ssl.truststore.password": "store-secret",
        "ssl.client.auth": "required",
    }


def test_a_password_file_that_is_not_there(secrets: Path) -> None:
    with pytest.raises(
        StartupError, match=f"KAFKA_SSL_KEY_CREDENTIALS: can't read {secrets}/absent: No such file"
    ):
        texts(KAFKA_SSL_KEY_CREDENTIALS="absent")


def test_stores_of_bitnami(certs: Path) -> None:
    assert texts(KAFKA_TLS_TYPE="JKS", KAFKA_CERTIFICATE_PASSWORD="hush", KAFKA_TLS_CLIENT_AUTH="none") == {
        "ssl.keystore.type": "JKS",
        "ssl.truststore.type": "JKS",
        "ssl.client.auth": "none",
        "ssl.key.password": "hush",
        "ssl.keystore.password": "hush",
        "ssl.truststore.password": "hush",
        "ssl.keystore.location": str(certs / "kafka.keystore.jks"),
        "ssl.truststore.location": str(certs / "kafka.truststore.jks"),
    }


def test_pem_of_bitnami(certs: Path) -> None:
    for name in ("kafka.keystore.key", "kafka.keystore.pem", "ca.pem"):
        (certs / name).write_text(f"text of {name}")
    assert texts(KAFKA_TLS_TYPE="PEM", KAFKA_TLS_TRUSTSTORE_FILE="ca.pem") == {
        "ssl.keystore.type": "PEM",
        "ssl.truststore.type": "PEM",
        "ssl.client.auth": "required",
        "ssl.keystore.key": "text of kafka.keystore.key",
        "ssl.keystore.certificate.chain": "text of kafka.keystore.pem",
        "ssl.truststore.certificates": "text of ca.pem",
    }
