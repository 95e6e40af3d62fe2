"""`kbroker ready` by its exit status."""

import socket
import time

import pytest

from kbroker.cli import ready


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
    ],
)
def test_asks_where_the_environment_tells_the_broker_to_listen(environ: dict[str, str], address: str) -> None:
    assert ready.default_address(environ) == address


def test_wrong_usage() -> None:
    with pytest.raises(SystemExit):
        ready.main(["--bootstrap-server", "a:b"])
