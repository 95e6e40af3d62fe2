"""A JVM that runs Apache Kafka's command line tools, and their names."""

import base64
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from harness.paths import CACHE
from harness.toolchains import install, kafka_libs, only_one, tool

TOOLS = {
    "kafka-acls": "org.apache.kafka.tools.AclCommand",
    "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "kafka-client-metrics": "org.apache.kafka.tools.ClientMetricsCommand",
    "kafka-cluster": "org.apache.kafka.tools.ClusterTool",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-delegation-tokens": "org.apache.kafka.tools.DelegationTokenCommand",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-dump-log": "org.apache.kafka.tools.DumpLogSegments",
    "kafka-features": "org.apache.kafka.tools.FeatureCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-groups": "org.apache.kafka.tools.GroupsCommand",
    "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
    "kafka-reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-transactions": "org.apache.kafka.tools.TransactionsCommand",
    "kafka-verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "open-transaction": "OpenTransaction",
}
WITHOUT_SERVER = {"kafka-dump-log"}
WITH_COMMANDS = {
    "kafka-features",
    "kafka-metadata-quorum",
    "kafka-transactions",
}  # the address stands before those
CLASSES = CACHE / "apache-tools"
SOURCES = Path(__file__).resolve().parent / "src"
SMALL = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xmx256m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
)


def java() -> list[str]:
    """How to start a JVM that has the tools and the classes of `src/`, which are compiled if need be."""
    libs = kafka_libs()
    with only_one("javac"):
        sources = sorted(SOURCES.glob("*.java"))
        stamp = CLASSES / "Tools.class"
        if not stamp.exists() or any(one.stat().st_mtime > stamp.stat().st_mtime for one in sources):
            install([tool("javac"), "-nowarn", "-cp", f"{libs}/*", "-d", CLASSES, *sources])
    return [tool("java"), *SMALL, "-cp", f"{libs}/*:{CLASSES}"]


def arguments(command: str, bootstrap: str) -> list[str]:
    """A command line as a class and its arguments: the broker's address is added where it isn't said."""
    name, *given = shlex.split(command)
    if name not in WITHOUT_SERVER and not any(each.startswith("--bootstrap") for each in given):
        address = ["--bootstrap-server", bootstrap]
        given = [*address, *given] if name in WITH_COMMANDS else [*given, *address]
    return [TOOLS[name], *given]


class ToolServer:
    """The JVM; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*java(), "Tools"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, argv: Sequence[str], stdin: str = "") -> tuple[int, str]:
        """Exit status and output of a tool, given as its class and arguments."""
        assert self._process.stdin
        assert self._process.stdout
        fields = [base64.b64encode(field.encode()).decode() for field in (stdin, *argv)]
        self._process.stdin.write(" ".join(fields) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the JVM ended while it ran {argv}")
        status, _, printed = answer.strip().partition(" ")
        return int(status), base64.b64decode(printed).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()
