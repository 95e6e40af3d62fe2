"""The mutants that were made by hand."""

import tomllib
from pathlib import Path
from typing import Any

from making.areas import area_of
from making.mutant import Edit, Mutant

FILE = Path(__file__).parent.parent / "by_hand.toml"


def made_by_hand(tree: Path) -> list[Mutant]:
    """All of them, for this source tree. Raises ValueError when a file no longer has what is to be changed once."""
    return [_mutant(each, tree) for each in tomllib.loads(FILE.read_text())["mutant"]]


def _mutant(each: dict[str, Any], tree: Path) -> Mutant:
    path, source = each["path"], (tree / each["path"]).read_bytes()
    edits = [_edit(source, f"{each['name']}: {path}", **one) for one in each["edit"]]
    edits.sort(key=lambda edit: edit.start)
    return Mutant(each["name"], area_of(path), path, edits, each["what"])


def _edit(source: bytes, where: str, before: str, after: str) -> Edit:
    count = source.count(before.encode())
    if count != 1:
        raise ValueError(f"{where} has {count} times\n{before}")
    return Edit("by_hand", source.index(before.encode()), before, after)
