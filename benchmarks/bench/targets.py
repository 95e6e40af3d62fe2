"""The brokers that are compared, each with the settings that its own distribution starts it with."""

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.brokers import ApacheKafka, Broker, Kbroker
from harness.paths import CACHE
from harness.toolchains import AbsentError, install, kafka_libs, only_one, python_venv, tool, version

PEERS = Path(__file__).resolve().parent.parent / "peers"

JVM = [
    "-Xmx1G",
    "-Xms1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
]
"""What kafka-server-start.sh and kafka-run-class.sh of the distribution give the broker's JVM."""

ONE_NODE = {
    "node.id": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
}
"""What Apache Kafka must be told to be a single node, and not to wait for more members; all else is its default."""


class DefaultKbroker(Kbroker):
    """kbroker with nothing set."""

    durable = True
    serves: frozenset[str] = frozenset({"librdkafka", "java", "raw", "transactions", "admin"})

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data_dir)
        self.settings = dict(settings or {})

    @staticmethod
    def what() -> str:
        """Its name and version."""
        import kbroker

        return f"kbroker {kbroker.__version__}, Python {sys.version.split()[0]}"


class DefaultApacheKafka(ApacheKafka):
    """Apache Kafka 4.3.1 with the JVM options of its own start script."""

    durable = True
    serves = DefaultKbroker.serves

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data_dir)
        self.settings = ONE_NODE | dict(settings or {})
        self.jvm_options = JVM

    @staticmethod
    def what() -> str:
        """Its name and version; fetches it at first use."""
        jar = next(kafka_libs().glob("kafka_2.13-*.jar"))
        return f"Apache Kafka {jar.stem.split('-')[-1]}, Java {version('java')}"


class Kfake(Broker):
    """franz-go's fake broker, with its logs in files."""

    name = "kfake-disk"
    durable = True
    serves = frozenset({"librdkafka", "java", "raw", "transactions", "admin"})

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:  # noqa: ARG002
        super().__init__(data_dir)

    @staticmethod
    def _binary() -> Path:
        built = CACHE / "bench-kfake"
        with only_one("bench-kfake"):
            sources = [PEERS / "kfake" / name for name in ("main.go", "go.mod", "go.sum")]
            if not built.exists() or any(f.stat().st_mtime > built.stat().st_mtime for f in sources):
                install([tool("go"), "build", "-o", built, "."], cwd=PEERS / "kfake")
        return built

    @classmethod
    def what(cls) -> str:
        """Its name and version; builds it at first use."""
        cls._binary()
        lines = (PEERS / "kfake" / "go.mod").read_text().splitlines()
        return "kfake " + next(
            line.split()[-1] for line in lines if "pkg/kfake v" in line.replace("require ", "")
        )

    def _command(self) -> Sequence[str | Path]:
        return [self._binary(), "--port", str(self.port), "--data-dir", self.data_dir]


class KfakeInMemory(Kfake):
    """franz-go's fake broker as its users have it: nothing survives it."""

    name = "kfake-memory"
    durable = False

    def _command(self) -> Sequence[str | Path]:
        return [self._binary(), "--port", str(self.port)]


class Nafka(Broker):
    """nafka, another broker in Python, which needs Python 3.12 and knows few APIs, one version each."""

    name = "nafka"
    durable = True
    serves = frozenset({"librdkafka"})

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:  # noqa: ARG002
        super().__init__(data_dir)

    @staticmethod
    def _python() -> Path:
        pyenv = sorted(Path.home().glob(".pyenv/versions/3.12*/bin/python3.12"))
        for found in (shutil.which("python3.12"), *pyenv):
            if found and not subprocess.run([found, "-V"], capture_output=True, check=False).returncode:
                return python_venv("bench-nafka", "nafka==0.1", base=Path(found))
        raise AbsentError("python3.12")

    @classmethod
    def what(cls) -> str:
        """Its name and version; installs it at first use."""
        cls._python()
        return "nafka 0.1"

    def _command(self) -> Sequence[str | Path]:
        return [
            self._python(),
            "-m",
            "nafka",
            "--port",
            str(self.port),
            "--file",
            self.data_dir / "nafka.sqlite",
        ]


TARGETS: dict[str, type[DefaultKbroker | DefaultApacheKafka | Kfake | Nafka]] = {
    target.name: target for target in (DefaultApacheKafka, DefaultKbroker, KfakeInMemory, Kfake, Nafka)
}
PEER = "apache"
OURS = "kbroker"
