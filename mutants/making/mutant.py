"""A small change of one source file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LONGEST_SHOWN = 60


@attrs.frozen
class Edit:
    """`before`, which is at byte `start` of a source (UTF-8), becomes `after`."""

    operator: str  # or "by_hand"
    start: int
    before: str
    after: str

    def applied(self, source: bytes) -> bytes:
        """The source with the change. Raises ValueError when it isn't the source that the change was made for."""
        before = self.before.encode()
        end = self.start + len(before)
        if source[self.start : end] != before:
            raise ValueError(f"no {self.before!r} at byte {self.start}")
        return source[: self.start] + self.after.encode() + source[end:]


@attrs.frozen
class Mutant:
    """Edits of a file, whose path is that in the source tree, in its order. `what`: what it does, if made by hand."""

    name: str
    area: str
    path: str
    edits: Sequence[Edit]
    what: str = ""

    @property
    def shown(self) -> str:
        """What it does, in a line."""
        if self.what:
            return self.what
        return "; ".join(f"{_line(edit.before)} -> {_line(edit.after)}" for edit in self.edits)

    def write(self, tree: Path) -> None:
        """Apply it to a source tree. Raises ValueError when the file there is another one."""
        path = tree / self.path
        source = path.read_bytes()
        for edit in reversed(self.edits):
            source = edit.applied(source)
        path.write_bytes(source)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[: _LONGEST_SHOWN - 1]}…"
