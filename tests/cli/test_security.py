"""`--command-config`: commands that connect to a broker with TLS, and files that they can't use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbroker.cli import broker_api_versions, ready, topics
from kbroker.cli.security import IN_THE_CLEAR, security_of
from kbroker.errors import StartupError

from ..tls.certificates import AUTHORITY, CLIENT, SERVER, STRANGER
from .conftest import Served


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a broker with mutual TLS."""
    directory = tmp_path_factory.mktemp("encrypted")
    (directory / "broker.pem").write_text(SERVER.both)
    (directory / "ca.pem").write_text(AUTHORITY.pem)
    (directory / "server.properties").write_text(
        "listeners=SSL://localhost:0\n"
        "ssl.client.auth=required\n"
        "ssl.keystore.type=PEM\nssl.keystore.location=broker.pem\n"
        "ssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n"
    )
    broker = Served("serve", "--config", "server.properties", "--data-dir", "data", cwd=directory)
    yield broker.address
    broker.stop()


@pytest.fixture
def client_properties(tmp_path: Path) -> str:
    (tmp_path / "client.pem").write_text(CLIENT.both)
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    (tmp_path / "client.properties").write_text(
        "security.protocol=SSL\n"
        f"ssl.truststore.type=PEM\nssl.truststore.location={tmp_path / 'ca.pem'}\n"
        f"ssl.keystore.type=PEM\nssl.keystore.location={tmp_path / 'client.pem'}\n"
    )
    return str(tmp_path / "client.properties")


def test_every_command(encrypted: str, client_properties: str, capsys: pytest.CaptureFixture[str]) -> None:
    connect = ["--bootstrap-server", encrypted, "--command-config", client_properties]
    assert ready.main(connect) == 0
    assert topics.main([*connect, "--create", "--topic", "secret"]) == 0
    assert topics.main([*connect, "--list"]) == 0
    assert broker_api_versions.main(connect) == 0
    printed = capsys.readouterr().out
    assert "is ready" in printed
    assert "Created topic secret.\nsecret\n" in printed
    assert "Produce(0)" in printed


def test_without_it_nothing_is_encrypted(encrypted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert security_of(None) is IN_THE_CLEAR
    assert ready.main(["--bootstrap-server", encrypted]) == 1
    assert "not ready" in capsys.readouterr().err


def test_an_authority_that_did_not_sign_the_certificate(
    encrypted: str, client_properties: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(client_properties).with_name("ca.pem").write_text(STRANGER.pem)
    connect = ["--bootstrap-server", encrypted, "--command-config", client_properties]
    assert topics.main([*connect, "--list"]) == 1
    assert "no TLS with" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("security.protocol=TLS", "client.properties:1: security.protocol is TLS, but must be one of"),
        ("security.protocol=SASL_PLAINTEXT", "sasl.mechanism is GSSAPI, but commands know PLAIN"),
        ("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN", "sasl.jaas.config is not set"),
        ("security.protocol=SSL\nssl.truststore.location=/nowhere", "can't read /nowhere"),
        ("security.protocol=SSL\nssl.keystore.type=X", "ssl.keystore.type is X"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "client.properties"
    path.write_text(text)
    with pytest.raises(StartupError) as raised:
        security_of(str(path))
    assert reason in str(raised.value)
    with pytest.raises(StartupError, match="can't read"):
        security_of(str(tmp_path / "absent"))


PLAIN_USERS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="hush";'


def test_logging_in_over_tls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broker.pem").write_text(SERVER.both)
    (tmp_path / "ca.pem").write_text(AUTHORITY.pem)
    (tmp_path / "server.properties").write_text(
        "listeners=SASL_SSL://localhost:0\n"
        "ssl.keystore.type=PEM\nssl.keystore.location=broker.pem\n"
        "listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN\n"
        f"listener.name.sasl_ssl.plain.sasl.jaas.config={PLAIN_USERS}\n"
    )
    client = (
        "security.protocol=SASL_SSL\nsasl.mechanism=%s\n"
        'sasl.jaas.config=x.LoginModule required username="alice" password="%s";\n'
        f"ssl.truststore.type=PEM\nssl.truststore.location={tmp_path / 'ca.pem'}\n"
    )
    broker = Served("serve", "--config", "server.properties", "--data-dir", "data", cwd=tmp_path)
    connect = ["--bootstrap-server", broker.address, "--command-config", str(tmp_path / "client.properties")]
    try:
        for mechanism, password, told in (
            ("PLAIN", "hush", ""),
            ("PLAIN", "wrong", "refuses the login: Authentication failed: Invalid username or password"),
            ("SCRAM-SHA-256", "hush", "does not offer SCRAM-SHA-256, but PLAIN"),
        ):
            (tmp_path / "client.properties").write_text(client % (mechanism, password))
            assert topics.main([*connect, "--list"]) == bool(told)
            assert told in capsys.readouterr().out
    finally:
        assert "hush" not in broker.stop()
