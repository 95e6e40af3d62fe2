"""Which language toolchains this machine has, and installing client packages for them."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.paths import CACHE, COMPAT

INSTALL_TIMEOUT = 900  # seconds: a cold cache downloads and may compile
_VERSION_FLAG = {"java": "-version", "go": "version"}


class AbsentError(Exception):
    """A toolchain is not on this machine. The report card counts it: a skip is not a pass."""


def tool(name: str) -> str:
    """The path of a command (java, mvn, node, npm, go, cargo).

    Raises:
        AbsentError: it isn't on PATH.
    """
    path = shutil.which(name)
    if path is None:
        raise AbsentError(name)
    return path


def version(name: str) -> str | None:
    """The version a command reports of itself, or None where it is absent."""
    path = shutil.which(name)
    if path is None:
        return None
    command = [path, _VERSION_FLAG.get(name, "--version")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
    return found.group() if found else "unknown"


def require_node(major: int) -> None:
    """Say that node is absent when it is older than `major`."""
    tool("node")
    if int((version("node") or "0").split(".")[0]) < major:
        raise AbsentError(f"node >= {major}")


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Keep clients that run side by side from installing the same thing twice."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(command: Sequence[str | Path], cwd: Path | None = None) -> None:
    """Run an installer; its output is shown only when it fails.

    Raises:
        RuntimeError: it failed; the message ends with what it said.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {done.stdout[-2000:]}")


def python_venv(name: str, *requirements: str, base: Path | None = None) -> Path:
    """The interpreter of a virtual environment that holds exactly these packages, made at first use.

    The environment is of the running Python's version, or of the interpreter `base`, and is remade when the
    requirements change.
    """
    kind = base.name if base else f"py{sys.version_info.major}.{sys.version_info.minor}"
    home = CACHE / "venvs" / f"{name}-{kind}"
    python, stamp = home / "bin" / "python", home / "requirements.txt"
    wanted = "\n".join(requirements)
    with only_one(f"venv-{name}"):
        if not stamp.exists() or stamp.read_text() != wanted:
            if base:
                install([base, "-m", "venv", "--clear", home])
            else:
                venv.create(home, clear=True, with_pip=True)
            install([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements])
            stamp.write_text(wanted)
    return python


def node_modules(client: str) -> Path:
    """The client's folder, with the packages its package-lock.json pins installed."""
    folder = COMPAT / client
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed"
    with only_one(f"node-{client}"):
        if not stamp.exists() or stamp.read_text() != lock.read_text():
            install([tool("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
            stamp.write_text(lock.read_text())
    return folder


def kafka_libs() -> Path:
    """The directory of Apache Kafka's jars: $KAFKA_LIBS, or fetched from Maven Central at first use."""
    given = os.environ.get("KAFKA_LIBS")
    return Path(given) if given else maven_libs("kafka-4.3.1", COMPAT / "harness" / "apache" / "pom.xml")


def maven_libs(name: str, pom: Path) -> Path:
    """A directory that holds the jars which a pom depends on, fetched at first use and when the pom changes."""
    libs = CACHE / name / "libs"
    stamp = CACHE / name / "pom.xml"
    with only_one(name):
        if not stamp.exists() or stamp.read_text() != pom.read_text():
            copy = ["dependency:copy-dependencies", f"-DoutputDirectory={libs}"]
            install([tool("mvn"), "-q", "-B", "-f", pom, *copy])
            stamp.write_text(pom.read_text())
    return libs
