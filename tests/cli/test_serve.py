"""`kbroker serve`: what it starts with, and how it ends when it can't start."""

import argparse
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

import pytest

from kbroker.cli import ready, serve, topics
from kbroker.cli.serve import collect, raise_open_files_limit, tool
from kbroker.config.add_scram import ScramToAdd
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.embedded import open_broker
from kbroker.errors import StartupError
from kbroker.listening import BoundListener
from kbroker.server import Server
from kbroker.state.authentication.scram_keys import credential_of, salted_password
from kbroker.state.scram_credentials import ScramMechanism

from .conftest import PLAIN_ENVIRONMENT, Served

ANYWHERE = ("--listeners", "PLAINTEXT://127.0.0.1:0")


def arguments(**given: object) -> argparse.Namespace:
    names = {
        "container": False,
        "config": None,
        "set": [],
        "listeners": None,
        "data_dir": None,
        "add_scram": [],
    }
    return argparse.Namespace(**(names | given))


def fail(*given: str, cwd: Path) -> str:
    """Run a serve that can't start; returns its one line on stderr."""
    command = [sys.executable, "-m", "kbroker", "serve", *given]
    ended = subprocess.run(
        command, cwd=cwd, env=PLAIN_ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 1, ended
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stdout == ""
    return ended.stderr


def test_flags_win(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    file.write_text("listeners=PLAINTEXT://:1\nlog.dirs=/a\nnum.partitions=2\nmax.connections=7")
    given = arguments(config=file, set=["num.partitions = 5"], listeners="PLAINTEXT://:2", data_dir="/b")
    config = collect(given, {"KAFKA_MAX_CONNECTIONS": "8"}).config()
    assert config.list("listeners") == ["PLAINTEXT://:2"]
    assert config.list("log.dirs") == ["/b"]
    assert config.int("num.partitions") == 5
    assert config.int("max.connections") == 8


def test_set_without_a_value() -> None:
    with pytest.raises(StartupError, match="key=value"):
        collect(arguments(set=["num.partitions"]), {})


def test_a_tool_that_is_not_on_the_path_is_named_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert tool("kafka-topics") == "bin/kafka-topics"


def test_says_where_it_listens_where_the_data_is_and_what_to_try(served: Served) -> None:
    lines = served.greeting.splitlines()
    assert lines[0].endswith("is ready")
    assert served.address in lines[1]
    assert lines[2].split()[0] == "data"
    assert lines[2].endswith("/data")
    assert f"--bootstrap-server {served.address} --create" in lines[3]


def test_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = fail("--listeners", f"PLAINTEXT://127.0.0.1:{port}", cwd=tmp_path)
    assert f"127.0.0.1:{port}" in line
    assert "in use" in line


def test_data_directory_of_a_running_broker(served: Served, tmp_path: Path) -> None:
    directory = served.greeting.splitlines()[2].split(maxsplit=1)[1]
    assert directory in fail(*ANYWHERE, "--data-dir", directory, cwd=tmp_path)


def test_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "file/data" in fail(*ANYWHERE, "--data-dir", "file/data", cwd=tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_data_directory_that_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    assert str(tmp_path / "data") in fail(*ANYWHERE, "--data-dir", "data", cwd=tmp_path)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("--set", "num.partitions=0"), "--set: num.partitions is '0', but it must be at least 1"),
        (("--listeners", "SSL://127.0.0.1:0"), "listener SSL: there is no certificate"),
        (("--config", "absent"), "can't read absent"),
    ],
)
def test_bad_settings(
    given: tuple[str, ...],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", PLAIN_ENVIRONMENT)
    assert serve.main(given) == 1
    printed = capsys.readouterr()
    assert line in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")


def test_wurstmeister_topics_a_warning_and_a_stop(tmp_path: Path) -> None:
    environ = {"KAFKA_CREATE_TOPICS": "orders:3:1,bad name:1:1", "KAFKA_NO_SUCH": "1"}
    broker = Served("serve", *ANYWHERE, "--data-dir", "data", cwd=tmp_path, environ=environ)
    assert ready.main(["--bootstrap-server", broker.address]) == 0
    assert topics.main(["--bootstrap-server", broker.address, "--describe", "--topic", "orders"]) == 0
    errors = broker.stop()
    assert broker.process.returncode == 0
    assert errors.count("unknown setting no.such (KAFKA_NO_SUCH) is ignored") == 1
    assert "bad name is not created" in errors


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), BaseExceptionGroup("", [BaseExceptionGroup("", [KeyboardInterrupt()])])]
)
def test_interrupted_while_it_starts(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    monkeypatch.setattr("kbroker.cli.serve.trio.run", interrupted)
    assert serve.main([*ANYWHERE, "--data-dir", str(tmp_path)]) == 128 + signal.SIGINT


def test_interrupt_stops_it_too(tmp_path: Path) -> None:
    broker = Served(*ANYWHERE, "--data-dir", "data", cwd=tmp_path)  # without `serve`
    assert broker.address
    broker.process.send_signal(signal.SIGINT)
    broker.process.communicate(timeout=10)
    assert broker.process.returncode == 0


def test_all_descriptors_that_may_be_had_are_used() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 256), hard))
    try:
        raise_open_files_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class SocketOn(NamedTuple):
    """As much of a socket as tells where it is bound, so that no test listens on more than loopback."""

    host: str

    def getsockname(self) -> tuple[str, int]:
        return (self.host, 9092)


@pytest.mark.parametrize(
    ("host", "in_container", "levels"),
    [("127.0.0.1", False, []), ("0.0.0.0", False, [logging.WARNING]), ("0.0.0.0", True, [logging.INFO])],
)
async def test_what_is_open_to_the_network_is_told_once_and_calmly_in_a_container(
    host: str, in_container: bool, levels: list[int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kbroker")
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        bound = BoundListener(Listener("PLAINTEXT", host, 9092), [SocketOn(host)])
        serve.tell_exposures(Server(broker, [bound]), in_container=in_container)
    assert [entry.levelno for entry in caplog.records if "whoever reaches" in entry.message] == levels


@pytest.mark.parametrize(
    ("listener", "scram", "warned"),
    [
        (Listener("IN", "", 9092), [], ""),
        (
            Listener("IN", "", 9092, security_protocol=SecurityProtocol.SSL),
            [],
            "which the certificate must name",
        ),
        (Listener("IN", "", 9092, "broker", security_protocol=SecurityProtocol.SSL), [], ""),
        (
            Listener("IN", "", 9092, security_protocol=SecurityProtocol.SASL_PLAINTEXT),
            [],
            "nobody can log in",
        ),
        (
            Listener("IN", "", 9092, security_protocol=SecurityProtocol.SASL_PLAINTEXT),
            [ScramToAdd("SCRAM-SHA-256", "alice", "secret")],
            "",
        ),
    ],
)
async def test_listeners_that_clients_may_not_get_on_with(
    listener: Listener, scram: list[ScramToAdd], warned: str, tmp_path: Path
) -> None:
    config = BrokerConfig.of({"sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512"})
    async with open_broker(config, tmp_path) as broker:
        server = Server(broker, [BoundListener(listener, [SocketOn("127.0.0.1")])])
        warnings = serve.listener_warnings(server, scram)
        greeting = serve.greeting(server, tmp_path)
    assert len(warnings) == bool(warned)
    assert all(warned in warning for warning in warnings)
    plain = listener.security_protocol is SecurityProtocol.PLAINTEXT
    assert ("--command-config client.properties --create" in greeting) != plain


async def test_users_of_the_first_start_keep_what_they_change_later(tmp_path: Path) -> None:
    sha_256 = ScramMechanism.SCRAM_SHA_256
    flag = "SCRAM-SHA-256=[name=alice,password=first]"
    collected = collect(arguments(add_scram=[flag]), {"KBROKER_ADD_SCRAM": flag.replace("alice", "bob")})
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        server = Server(broker, [])
        await serve.add_scram(server, [])
        assert broker.scram_users.users() == []
        await serve.add_scram(server, collected.scram)
        assert broker.scram_users.users() == ["alice", "bob"]
        given = broker.scram_users.credential("alice", sha_256)
        assert given is not None
        assert given == credential_of(sha_256, "first", given.salt)
        salted = salted_password(sha_256, "first", b"salt", 5000)
        hashed = f"salt=c2FsdA==,iterations=5000,saltedpassword={b64encode(salted).decode()}"
        argument = f"SCRAM-SHA-256=[name=carol,{hashed}]"
        again = collect(arguments(add_scram=[flag.replace("first", "second"), argument]), {})
        await serve.add_scram(server, again.scram)
        assert broker.scram_users.credential("alice", sha_256) == given
        assert broker.scram_users.credential("carol", sha_256) == credential_of(
            sha_256, "first", b"salt", 5000
        )


def test_listeners_that_nobody_could_log_in_to(tmp_path: Path) -> None:
    message = fail(
        "--listeners", "SASL_PLAINTEXT://127.0.0.1:0", "--data-dir", str(tmp_path / "d"), cwd=tmp_path
    )
    assert "listener SASL_PLAINTEXT has no mechanism that kbroker has" in message
    jaas = "listener.name.sasl_plaintext.plain.sasl.jaas.config=x.PlainLoginModule required user_a=secret"
    settings = ("--set", "sasl.enabled.mechanisms=PLAIN", "--set", jaas)
    message = fail("--listeners", "SASL_PLAINTEXT://127.0.0.1:0", *settings, cwd=tmp_path)
    assert "does not end with a semicolon" in message
    assert "secret" not in message
