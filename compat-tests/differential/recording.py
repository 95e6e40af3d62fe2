"""The recorded answers: one JSON file for each API, one line for each step, versions that agree folded together."""

import json
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from differential.conversation import Step

DIRECTORY = Path(__file__).parent / "recordings"

Runs = dict[int, list[Step]]  # the steps of one scenario in each version


def fold(runs: Runs) -> list[dict[str, Any]]:
    """Steps in an order that suits every version, each with the versions that have it."""
    folded: list[tuple[str, Step, list[int]]] = []
    for version, steps in runs.items():
        mine = [(json.dumps(step), step, [version]) for step in steps]
        known, new = [key for key, _, _ in folded], [key for key, _, _ in mine]
        merged: list[tuple[str, Step, list[int]]] = []
        for what, a, b, c, d in SequenceMatcher(None, known, new, autojunk=False).get_opcodes():
            if what == "equal":
                merged += [(key, step, [*had, version]) for key, step, had in folded[a:b]]
            else:
                merged += folded[a:b] + mine[c:d]
        folded = merged
    return [{"versions": ranges(versions), **step} for _, step, versions in folded]


def unfold(lines: Iterable[dict[str, Any]]) -> Runs:
    """The steps of each version again."""
    runs: Runs = {}
    for line in lines:
        step = {name: value for name, value in line.items() if name != "versions"}
        for version in versions_in(line["versions"]):
            runs.setdefault(version, []).append(step)
    return runs


def ranges(versions: list[int]) -> str:
    """`0-4, 7` for 0, 1, 2, 3, 4 and 7; versions may be negative, so a range is written with two dots: `0..4, 7`."""
    parts: list[list[int]] = []
    for version in sorted(versions):
        if parts and parts[-1][-1] == version - 1:
            parts[-1].append(version)
        else:
            parts.append([version])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}..{part[-1]}" for part in parts)


def versions_in(text: str) -> list[int]:
    """The versions that `ranges` wrote."""
    found: list[int] = []
    for part in text.split(", "):
        first, _, last = part.partition("..")
        found += range(int(first), int(last or first) + 1)
    return found


def write(api: str, scenarios: dict[str, Runs]) -> None:
    """Write one API's recording."""
    blocks = []
    for name, runs in scenarios.items():
        lines = [json.dumps(line, ensure_ascii=False) for line in fold(runs)]
        blocks.append(f"{json.dumps(name)}: [\n" + ",\n".join(lines) + "\n]")
    (DIRECTORY / f"{api}.json").write_text("{\n" + ",\n".join(blocks) + "\n}\n")


def read(api: str) -> dict[str, Runs]:
    """Read one API's recording: for each scenario, the steps of each version."""
    path = DIRECTORY / f"{api}.json"
    return (
        {name: unfold(lines) for name, lines in json.loads(path.read_text()).items()} if path.exists() else {}
    )
