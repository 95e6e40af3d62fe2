"""The targets there are, by name."""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

import attrs

DIRECTORY = Path(__file__).parent.parent / "targets"


@attrs.frozen
class Target:
    """One thing that takes input from outside. `check` raises on a bug only; `seeds` are valid inputs."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    close: Callable[[], None]  # lets go of what `check` keeps from one input to the next


def target_names() -> list[str]:
    """Every target."""
    return sorted(path.stem for path in DIRECTORY.glob("*.py") if path.stem != "__init__")


def load_target(name: str) -> Target:
    """Import one. Raises ModuleNotFoundError."""
    module = import_module(f"targets.{name}")
    return Target(name, module.check, module.seeds, getattr(module, "close", lambda: None))
