"""A broker in a process of its own, for commands that block."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PLAIN_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
STOP_TIMEOUT_S = 10


class Served:
    """A running `kbroker serve`."""

    def __init__(self, *arguments: str, cwd: Path, environ: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kbroker", *arguments],
            cwd=cwd,
            env=PLAIN_ENVIRONMENT | dict(environ or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.greeting = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.greeting += line
            if line.lstrip().startswith("stop"):
                break

    @property
    def address(self) -> str:
        """host:port of the first listener."""
        found = re.search(r"listening +(\S+)", self.greeting)
        assert found is not None, self.greeting + self.stop()
        return found[1].replace("*", "localhost")

    def stop(self) -> str:
        """Stop it. Returns what it wrote to stderr."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=STOP_TIMEOUT_S)
        return errors


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One broker for all tests of commands; each test has topics of its own."""
    directory = tmp_path_factory.mktemp("served")
    broker = Served("serve", "--listeners", "PLAINTEXT://127.0.0.1:0", "--data-dir", "data", cwd=directory)
    yield broker
    broker.stop()


@pytest.fixture
def bootstrap(served: Served) -> str:
    """host:port of the shared broker."""
    return served.address


@pytest.fixture
def nobody() -> str:
    """host:port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"
