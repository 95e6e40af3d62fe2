"""Building client programs that are compiled, from the versions their lock files pin."""

import re
from pathlib import Path

from harness.paths import CACHE, COMPAT
from harness.toolchains import install, only_one, tool


def go_program(client: str) -> Path:
    """The executable of a client folder that is a Go module."""
    program = CACHE / "bin" / client
    with only_one(f"go-{client}"):
        install([tool("go"), "build", "-o", program, "."], cwd=COMPAT / client)
    return program


def go_version(client: str, module: str) -> str:
    """The version of a module that the client folder's go.mod pins."""
    return _first(rf"{re.escape(module)} v(\S+)", COMPAT / client / "go.mod")


def cargo_program(client: str) -> Path:
    """The executable of a client folder that is a Cargo package named compat-<client>."""
    target = CACHE / client
    with only_one(f"cargo-{client}"):
        install([tool("cargo"), "build", "--locked", "--quiet", "--target-dir", target], cwd=COMPAT / client)
    return target / "debug" / f"compat-{client}"


def cargo_version(client: str, crate: str) -> str:
    """The version of a crate that the client folder's Cargo.lock pins."""
    return _first(rf'name = "{crate}"\nversion = "([^"]+)"', COMPAT / client / "Cargo.lock")


def _first(pattern: str, path: Path) -> str:
    found = re.search(pattern, path.read_text())
    if found is None:
        raise ValueError(f"{path}: no {pattern}")
    return found[1]
