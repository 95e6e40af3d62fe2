"""Functions that are written at run time: lines of source, and the values that they refer to by name."""

import linecache
from collections.abc import Callable, Iterable
from typing import Any


class GeneratedFunction:
    """A function while it is being written, for one version of a message."""

    def __init__(self, version: int, flexible: bool, names: dict[str, object]) -> None:
        self.version = version
        self.flexible = flexible
        self.lines: list[str] = []
        self.names = names

    def emit(self, *lines: str) -> None:
        """Add lines to the body."""
        self.lines.extend(lines)

    def bind(self, prefix: str, value: object) -> str:
        """Give a value a name inside the function."""
        name = f"_{prefix}{len(self.names)}"
        self.names[name] = value
        return name

    def define(self, name: str, parameters: str, label: str) -> Callable[..., Any]:
        """Compile it; its source shows in tracebacks and debuggers."""
        source = "".join(
            f"{line}\n" for line in (f"def {name}({parameters}):", *indented(self.lines or ["pass"]))
        )
        filename = f"<kbroker {label}>"
        exec(compile(source, filename, "exec"), self.names)  # noqa: S102  made of our own field names only
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        function: Callable[..., Any] = self.names[name]  # type: ignore[assignment]
        return function


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, one level deeper."""
    return [f"    {line}" for line in lines]
