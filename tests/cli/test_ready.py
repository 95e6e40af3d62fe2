"""`kbroker ready` by its exit status."""

import os
import socket
import time
from pathlib import Path

import pytest

from kbroker.cli import ready
from kbroker.cli.addresses import parse_addresses
from kbroker.cli.security import IN_THE_CLEAR

from ..tls.certificates import AUTHORITY, SERVER
from .conftest import Served


def test_ready(bootstrap: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ready.main(["--bootstrap-server", bootstrap]) == 0
    assert capsys.readouterr().out == f"{bootstrap} is ready\n"


def test_not_ready_is_status_1_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = "{}:{}".format(*closed.getsockname())
    started = time.monotonic()
    assert ready.main(["--bootstrap", address, "--timeout", "0.15"]) == 1
    assert time.monotonic() - started > 0.15
    errors = capsys.readouterr().err
    assert errors.startswith(f"not ready: can't connect to {address}")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "localhost:9092"),
        ({"KAFKA_LISTENERS": "PLAINTEXT://0.0.0.0:29092"}, "localhost:29092"),
        ({"KAFKA_LISTENERS": "PLAINTEXT://[::1]:29092"}, "[::1]:29092"),
        ({"KAFKA_ADVERTISED_LISTENERS": "PLAINTEXT://kafka:19092"}, "localhost:19092"),
        ({"KAFKA_LISTENERS": "nonsense"}, "localhost:9092"),
        ({"KAFKA_LISTENERS": "SSL://:9093,PLAINTEXT://:9092"}, "localhost:9092"),
    ],
)
def test_asks_where_the_environment_tells_the_broker_to_listen(environ: dict[str, str], address: str) -> None:
    assert ready.default_broker(environ) == (address, IN_THE_CLEAR)


def test_a_broker_with_tls_alone_is_asked_over_tls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "KAFKA_LISTENERS": "SSL://127.0.0.1:0",
        "KAFKA_SSL_KEYSTORE_TYPE": "PEM",
        "KAFKA_SSL_KEYSTORE_KEY": SERVER.key_pem(),
        "KAFKA_SSL_KEYSTORE_CERTIFICATE_CHAIN": SERVER.pem,
        "KAFKA_SSL_TRUSTSTORE_TYPE": "PEM",
        "KAFKA_SSL_TRUSTSTORE_CERTIFICATES": AUTHORITY.pem,
        "KAFKA_SSL_CLIENT_AUTH": "required",
    }
    broker = Served("serve", "--data-dir", "data", cwd=tmp_path, environ=environ)
    try:
        _, security = ready.default_broker(environ)
        assert ready.check(parse_addresses(broker.address), security) == broker.address
    finally:
        assert "closed connection" not in broker.stop()


def test_a_key_store_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "environ", {"KAFKA_LISTENERS": "SSL://:1", "KAFKA_SSL_KEYSTORE_LOCATION": "/nowhere"}
    )
    with pytest.raises(SystemExit):
        ready.main([])
    assert "can't read /nowhere" in capsys.readouterr().err


def test_wrong_usage() -> None:
    with pytest.raises(SystemExit):
        ready.main(["--bootstrap-server", "a:b"])


def test_a_broker_that_asks_who_clients_are_is_ready_too(tmp_path: Path) -> None:
    jaas = 'sasl.jaas.config=x.PlainLoginModule required user_alice="wonder";'
    served = Served(
        *("serve", "--listeners", "SASL_PLAINTEXT://127.0.0.1:0", "--data-dir", "data"),
        *("--set", "sasl.enabled.mechanisms=PLAIN", "--set", jaas),
        cwd=tmp_path,
    )
    assert ready.main(["--bootstrap-server", served.address]) == 0
    served.stop()
