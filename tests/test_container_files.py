"""Dockerfile and docker-compose.yaml, as far as they can be checked without an engine.

The image's command runs here as a process, with the compose file's environment.
"""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from kbroker.cli import ready
from kbroker.config.environment import settings_of
from kbroker.config.sources import Sources

from .cli.conftest import Served
from .free_port import free_port

ROOT = Path(__file__).parents[1]
INSTRUCTIONS = {
    "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def dockerfile() -> list[tuple[str, str]]:
    """Instructions with their arguments."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def service() -> dict[str, Any]:
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
    found: dict[str, Any] = compose["services"]["kafka1"]
    assert {volume.split(":")[0] for volume in found["volumes"]} <= compose["volumes"].keys()
    return found


def environment() -> dict[str, str]:
    """The service's environment, with compose's defaults for variables that aren't set."""
    return {
        name: re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", str(value))
        for name, value in service()["environment"].items()
    }


def test_dockerfile_instructions_are_known_and_what_it_copies_is_there() -> None:
    for instruction, rest in dockerfile():
        assert instruction in INSTRUCTIONS
        if instruction == "COPY" and not rest.startswith("--from"):
            for source in shlex.split(rest)[:-1]:
                assert (ROOT / source).exists(), source
                ignored = (ROOT / ".dockerignore").read_text().splitlines()
                assert f"!{source}" in ignored


def test_the_image_serves_unprivileged_on_9092_and_says_how_it_is() -> None:
    final = dict(dockerfile()[[name for name, _ in dockerfile()].index("FROM", 1) :])
    assert final["USER"] == "kbroker"
    assert final["EXPOSE"] == "9092"
    assert json.loads(final["VOLUME"]) == ["/var/lib/kafka/data"]
    assert json.loads(final["CMD"]) == ["kbroker", "serve", "--container"]
    assert final["HEALTHCHECK"].endswith('CMD ["kbroker", "ready"]')


def test_compose_publishes_the_ports_that_are_advertised_outside() -> None:
    published = {mapping.split(":")[0] for mapping in service()["ports"]}
    assert (
        set(re.findall(r"(?:EXTERNAL|DOCKER)://[^,]*:(\d+)", environment()["KAFKA_ADVERTISED_LISTENERS"]))
        == published
    )


def test_the_compose_files_environment_has_nothing_unknown() -> None:
    assert settings_of(environment()).warnings == []
    sources = Sources()
    sources.add_environment(environment())
    assert [line for line in sources.warnings() if "unknown" in line] == []


def test_the_images_command_runs_with_the_compose_files_environment(tmp_path: Path) -> None:
    environ = environment() | {"KAFKA_LOG_DIRS": str(tmp_path / "data")}
    ports = {}
    for port in ("19092", "9092", "29092"):
        ports[port] = str(free_port())
    environ["KAFKA_ADVERTISED_LISTENERS"] = re.sub(
        r":(\d+)", lambda found: f":{ports[found[1]]}", environ["KAFKA_ADVERTISED_LISTENERS"]
    )
    command, *arguments = json.loads(dict(dockerfile())["CMD"])
    assert command == "kbroker"
    broker = Served(*arguments, cwd=tmp_path, environ=environ)
    try:
        for port in ports.values():
            assert ready.main(["--bootstrap-server", f"127.0.0.1:{port}", "--timeout", "5"]) == 0
    finally:
        errors = broker.stop()
    assert f"kafka1:{ports['19092']} (INTERNAL" in broker.greeting or "kafka1" in broker.greeting
    assert errors.count("WARNING") == 1  # of the authorizer
    (line,) = [line for line in errors.splitlines() if "whoever reaches" in line]
    assert "INFO whoever reaches one of the listeners INTERNAL, EXTERNAL, DOCKER through" in line
    assert "whatever has no ACL" in line
    assert broker.process.returncode == 0


@pytest.mark.parametrize(
    "name", ["kafka-topics", "kafka-topics.sh", "kafka-broker-api-versions", "kafka-broker-api-versions.sh"]
)
def test_the_commands_of_health_checks_are_installed(name: str) -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert re.search(rf'^"?{re.escape(name)}"? = "kbroker\.cli\.', text, re.MULTILINE)
