"""What a plain start imports before its first answer: less than it could, so that it takes no longer than it must."""

import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from .free_port import free_port

READY_S = 20
# What only some brokers, or later requests, need. Packages stand for all that is in them.
NOT_AT_FIRST = {
    # of ours: made when first asked for, or when there is something of theirs in the stores
    "kbroker.broker.acls",
    "kbroker.broker.changelog",
    "kbroker.broker.charge",
    "kbroker.broker.client_quotas",
    "kbroker.broker.config_resources",
    "kbroker.broker.groups",
    "kbroker.broker.partition",
    "kbroker.broker.pattern_matcher",
    "kbroker.broker.sasl",
    "kbroker.broker.transactions",
    "kbroker.cli.container",
    "kbroker.config.add_scram",
    "kbroker.config.authorizer",
    "kbroker.config.create_topics",
    "kbroker.config.entries",
    "kbroker.config.jaas",
    "kbroker.config.properties",
    "kbroker.config.topic",
    "kbroker.protocol.batch",
    "kbroker.protocol.compression",
    "kbroker.sasl_gate",
    "kbroker.state.acls",
    "kbroker.state.authentication",
    "kbroker.state.fetch_sessions",
    "kbroker.state.groups",
    "kbroker.state.producers",
    "kbroker.state.record_validation",
    "kbroker.state.scram_credentials",
    "kbroker.state.transactions",
    "kbroker.storage.interfaces.logs",
    "kbroker.storage.log.log_cleaning",
    "kbroker.storage.log.partition_log",
    "kbroker.storage.log.segment",
    "kbroker.tls",
    "kbroker.tls_transport",
    # of others
    "asyncio",
    "cramjam",
    "crc32c",
    "cryptography",
    "decimal",
    "difflib",
    "email",
    "encodings.idna",
    "importlib.metadata",
    "json",
    "jwt",
}
# Modules. For one more that every start needs, raise it by one in the same change, whose message says what for; what
# only some brokers need goes behind an import in the function that uses it, and into the list above.
MOST_OF_OURS = 106
# ApiVersions v3 with correlation id 7, of client id "test", software "x" "1".
REQUEST = bytes.fromhex("00000014 0012 0003 00000007 0004 74657374 00 0278 0231 00")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The modules that a broker imports, in order, until it has answered for the first time."""
    directory, port = tmp_path_factory.mktemp("start"), free_port()
    told = directory / "stderr"
    command = [
        *(sys.executable, "-X", "importtime", "-m", "kbroker", "serve"),
        *("--listeners", f"PLAINTEXT://127.0.0.1:{port}", "--data-dir", str(directory / "data")),
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
    with told.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr, env=environ)
    try:
        ask_for_versions(port)
        return names(told)
    finally:
        process.kill()
        process.wait()


def ask_for_versions(port: int) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        try:
            client = socket.create_connection(("127.0.0.1", port), timeout=READY_S)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        else:
            break
    with client:
        client.sendall(REQUEST)
        answer = client.recv(10)
        assert answer[4:] == bytes.fromhex("00000007 0000")  # no error


def names(told: Path) -> list[str]:
    rows = (line.split("|") for line in told.read_text().splitlines() if line.startswith("import time:"))
    return [row[2].strip() for row in rows][1:]  # without the heading


def test_what_is_not_imported_before_the_first_answer(imported: list[str]) -> None:
    assert "kbroker.server" in imported
    early = [name for name in imported if any(f"{name}.".startswith(f"{one}.") for one in NOT_AT_FIRST)]
    assert early == []


@pytest.mark.parametrize("name", sorted(name for name in NOT_AT_FIRST if name.startswith("kbroker.")))
def test_there_is_such_a_module(name: str) -> None:
    assert find_spec(name)


def test_how_many_modules_are_imported_before_the_first_answer(imported: list[str]) -> None:
    ours = [name for name in imported if name.partition(".")[0] == "kbroker"]
    assert len(ours) <= MOST_OF_OURS, ours
