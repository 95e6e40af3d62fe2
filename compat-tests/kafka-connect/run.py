"""Kafka Connect: a distributed worker with a file source and a file sink, unmodified, by its REST interface."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from harness.brokers import Broker, free_port
from harness.report import Report
from harness.session import Session
from harness.toolchains import maven_libs, tool

HERE = Path(__file__).resolve().parent
SMALL = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx384m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
WAIT_S = 90


def run(session: Session) -> list[Report]:
    libs = maven_libs("kafka-connect", HERE / "pom.xml")
    report = Report(
        "kafka-connect", next(libs.glob("connect-runtime-*.jar")).stem.removeprefix("connect-runtime-")
    )
    with session.broker({"num.partitions": "1"}) as broker:
        worker = Worker(libs, broker, session.work)
        try:
            check(worker, broker, session.work, report)
        finally:
            worker.kill()
    return [report]


def check(worker: "Worker", broker: Broker, work: Path, report: Report) -> None:
    source, sink = work / "source.txt", work / "sink.txt"
    source.write_text("one\ntwo\n")
    sink.write_text("")
    with report.check("worker starts, and makes its three compacted topics"):
        worker.start()
        until(lambda: worker.ask("GET", "/")["version"])
    with report.check("file source and sink: lines go through a topic"):
        file = "org.apache.kafka.connect.file.FileStream"
        worker.ask(
            "POST",
            "/connectors",
            {
                "name": "source",
                "config": {
                    "connector.class": f"{file}SourceConnector",
                    "tasks.max": "1",
                    "file": str(source),
                    "topic": "lines",
                },
            },
        )
        worker.ask(
            "POST",
            "/connectors",
            {
                "name": "sink",
                "config": {
                    "connector.class": f"{file}SinkConnector",
                    "tasks.max": "1",
                    "file": str(sink),
                    "topics": "lines",
                },
            },
        )
        until(lambda: sink.read_text() == "one\ntwo\n")
    with report.check("worker killed: both resume where they were"):
        time.sleep(3)  # offset.flush.interval.ms
        worker.kill()
        append(source, "three\n")
        worker.start()
        until(lambda: sink.read_text() == "one\ntwo\nthree\n")
    with report.check("broker killed: both go on"):
        broker.kill()
        broker.start()
        append(source, "four\n")
        until(lambda: sink.read_text() == "one\ntwo\nthree\nfour\n")
    with report.check("source exactly once: transactions of the worker"):
        worker.ask(
            "PUT",
            "/connectors/source/config",
            {
                "connector.class": f"{file}SourceConnector",
                "tasks.max": "1",
                "file": str(source),
                "topic": "lines",
                "exactly.once.support": "requested",
                "transaction.boundary": "poll",
            },
        )
        append(source, "five\n")
        until(lambda: sink.read_text() == "one\ntwo\nthree\nfour\nfive\n")
    with report.check("offsets of a stopped connector are told and reset"):
        worker.ask("PUT", "/connectors/sink/stop")
        until(lambda: worker.ask("GET", "/connectors/sink/status")["connector"]["state"] == "STOPPED")
        told = worker.ask("GET", "/connectors/sink/offsets")["offsets"]
        assert [each["partition"] for each in told] == [{"kafka_partition": 0, "kafka_topic": "lines"}], told
        assert told[0]["offset"]["kafka_offset"] >= 5, told  # markers of transactions count too
        worker.ask("DELETE", "/connectors/sink/offsets")
        assert worker.ask("GET", "/connectors/sink/offsets")["offsets"] == []
    with report.check("connectors are deleted"):
        worker.ask("DELETE", "/connectors/source")
        worker.ask("DELETE", "/connectors/sink")
        until(lambda: worker.ask("GET", "/connectors") == [])


class Worker:
    """A distributed worker: a group of one."""

    def __init__(self, libs: Path, broker: Broker, work: Path) -> None:
        self._port = free_port()
        self._log = work / "worker.log"
        properties = work / "worker.properties"
        settings = {
            "bootstrap.servers": broker.bootstrap,
            "group.id": "connect",
            "listeners": f"http://127.0.0.1:{self._port}",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
            "offset.flush.interval.ms": "1000",
            "session.timeout.ms": "6000",
            "heartbeat.interval.ms": "1000",
            "rebalance.timeout.ms": "10000",
            "scheduled.rebalance.max.delay.ms": "0",
            "exactly.once.source.support": "enabled",
            "consumer.auto.offset.reset": "earliest",
        }
        for topic in ("config", "offset", "status"):
            settings |= {
                f"{topic}.storage.topic": f"connect-{topic}",
                f"{topic}.storage.replication.factor": "1",
            }
        properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        main = "org.apache.kafka.connect.cli.ConnectDistributed"
        self._command = [tool("java"), *SMALL, "-cp", f"{libs}/*", main, str(properties)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it takes some seconds until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def kill(self) -> None:
        """End it at once."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, method: str, path: str, body: object = None) -> "dict[str, object] | list[object]":
        """A request to its REST interface, repeated while it rebalances."""
        deadline = time.monotonic() + WAIT_S
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"},
        )  # fmt: skip
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    text = answer.read()
                    return json.loads(text) if text else {}
            except urllib.error.HTTPError as error:
                if error.code not in (404, 409, 500, 503) or time.monotonic() > deadline:
                    raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from error
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.5)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def until(condition: Callable[[], object]) -> None:
    """Wait until it holds. Raises AssertionError if that takes too long."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.3)
