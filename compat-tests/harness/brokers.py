"""Brokers to run clients against: kbroker and, to compare with, Apache Kafka."""

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from harness.paths import REPOSITORY
from harness.toolchains import kafka_libs, tool

READY_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0

BASE_SETTINGS = {
    "node.id": "0",
    "num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
}
"""What clients' own suites assume of a broker made for tests."""


class Broker(ABC):
    """A broker process on a loopback port of its own, which it keeps over restarts.

    As a context manager it starts, stops, and removes the data directory if it made one.
    """

    name = "broker"

    def __init__(
        self, data_dir: Path | None = None, settings: Mapping[str, str] | None = None, port: int | None = None
    ) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="compat-") if data_dir is None else None
        self.data_dir = Path(self._own.name) / "data" if self._own else Path(data_dir or ".")
        self.settings = BASE_SETTINGS | dict(settings or {})
        self.port = port or free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.listeners: dict[str, int] = {}  # more than PLAINTEXT: name to port
        self.process: subprocess.Popen[bytes] | None = None
        self._log = self.data_dir.with_name(self.data_dir.name + ".log")

    def add_listener(self, name: str, security_protocol: str) -> None:
        """Have it listen on one more port, before it is started."""
        self.listeners[name] = free_port()
        protocols = self.settings.get(
            "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
        )
        self.settings["listener.security.protocol.map"] = f"{protocols},{name}:{security_protocol}"

    @property
    def endpoints(self) -> str:
        """Where clients find it, as `listeners` has it."""
        more = [f"{name}://{self.listener(name)}" for name in self.listeners]
        return ",".join([f"PLAINTEXT://{self.bootstrap}", *more])

    def listener(self, name: str) -> str:
        """Where to find a listener: by the name of the host, as certificates have it."""
        return f"localhost:{self.listeners.get(name, self.port)}"

    @abstractmethod
    def _command(self) -> Sequence[str | Path]:
        """The process to run; anything to do before it is done here."""

    def start(self) -> None:
        """Start and wait until an ApiVersions request is answered.

        Raises:
            RuntimeError: the process ended or was not ready in time; the message holds the end of its log.
        """
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> float:
        """Start the process only; `time.perf_counter()` of just before it."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = self._command()
        began = time.perf_counter()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for the run, which then stops its brokers
            )
        return began

    def wait_until_ready(self, poll: float = 0.02, timeout: float = READY_TIMEOUT) -> None:
        """Wait until an ApiVersions request is answered, asking every `poll` seconds.

        Raises:
            RuntimeError: the process ended or was not ready in time; the message holds the end of its log.
        """
        deadline = time.monotonic() + timeout
        while not answers_api_versions(self.port):
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.name} did not become ready: {self.log_text()[-3000:]}")
            time.sleep(poll)

    def stop(self) -> None:
        """Ask it to end (SIGTERM), and wait for that."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired as late:
            self.kill()
            raise RuntimeError(f"{self.name} did not stop within {STOP_TIMEOUT:.0f} s of SIGTERM") from late
        self.process = None

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """Stop it and start it again on the same port and data."""
        self.stop()
        self.start()

    def log_text(self) -> str:
        """Everything it has printed, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self._clean_up()

    def _clean_up(self) -> None:
        self.kill()
        if self._own is not None:
            self._own.cleanup()


class Kbroker(Broker):
    """kbroker of this repository, run by the running Python."""

    name = "kbroker"

    def _command(self) -> Sequence[str | Path]:
        sets = [part for key, value in self.settings.items() for part in ("--set", f"{key}={value}")]
        data_dirs = self.settings.get("log.dirs", str(self.data_dir))
        serve = ["serve", "--listeners", self.endpoints, "--data-dir", data_dirs, *sets]
        return [sys.executable, "-m", "kbroker", *serve]


class ApacheKafka(Broker):
    """Apache Kafka 4.3.1 as one node, broker and controller."""

    name = "apache"

    def __init__(
        self, data_dir: Path | None = None, settings: Mapping[str, str] | None = None, port: int | None = None
    ) -> None:
        super().__init__(data_dir, settings, port)
        self._controller_port = free_port()
        self.jvm_options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]  # small and soon there

    def _command(self) -> Sequence[str | Path]:
        properties = self.data_dir.with_name(self.data_dir.name + ".properties")
        properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties().items()))
        java = [tool("java"), *self.jvm_options, "-cp", f"{kafka_libs()}/*"]
        if not (self.data_dir / "meta.properties").exists():
            form = ["format", "--standalone", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", str(properties)]
            subprocess.run([*java, "kafka.tools.StorageTool", *form], check=True, capture_output=True)
        return [*java, "kafka.Kafka", str(properties)]

    def _properties(self) -> dict[str, str]:
        controller = f"127.0.0.1:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "controller.quorum.bootstrap.servers": controller,
            "listeners": f"{self.endpoints},CONTROLLER://{controller}",
            "advertised.listeners": self.endpoints,
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.data_dir),
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            **self.settings,
        }


BROKERS: dict[str, type[Broker]] = {broker.name: broker for broker in (Kbroker, ApacheKafka)}


def free_port() -> int:
    """A loopback port nobody listens on now, below the range of ephemeral ports."""
    for _ in range(1000):
        port = 10_000 + int.from_bytes(os.urandom(2), "big") % 20_000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def answers_api_versions(port: int, timeout: float = 5.0) -> bool:
    """Whether a broker at this loopback port answers ApiVersions version 0 without an error."""
    api_versions, version, correlation, no_client_id = 18, 0, 7, -1
    request = struct.pack(">hhih", api_versions, version, correlation, no_client_id)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = connection.makefile("rb").read(10)
    except OSError:
        return False
    return len(answer) == 10 and struct.unpack(">ih", answer[4:]) == (correlation, 0)
