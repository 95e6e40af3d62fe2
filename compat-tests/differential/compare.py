"""Where two answers differ: paths of fields, and what stands there on each side."""

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from differential.recording import Runs

ABSENT = "(default)"  # a field is left out when it has its default value


@frozen
class Deviation:
    """One field, or a whole answer, that is not as recorded."""

    api: str
    scenario: str
    version: int
    step: str
    request: str
    field: str  # the path with list positions as []; empty when the outcome as a whole differs
    expected: Any
    got: Any


def deviations(api: str, scenario: str, recorded: Runs, held: Runs) -> list[Deviation]:
    """All deviations of one scenario, over its versions."""
    found: list[Deviation] = []
    for version, steps in held.items():
        for number, wanted in enumerate(recorded.get(version, [])):
            got = steps[number] if number < len(steps) else {"step": "(none)", "answer": "(none)"}
            where = (api, scenario, version, wanted["step"], wanted.get("request", ""))
            if got["step"] != wanted["step"] or got.get("fields") != wanted.get("fields"):
                # Earlier answers sent this conversation another way; what follows cannot be compared.
                found.append(Deviation(*where, "(conversation)", wanted["step"], got["step"]))
                break
            found += [Deviation(*where, *each) for each in differing(wanted["answer"], got["answer"])]
        else:
            for extra in steps[len(recorded.get(version, [])) :]:
                found.append(
                    Deviation(api, scenario, version, extra["step"], "", "(conversation)", "(none)", extra)
                )
    return found


def differing(expected: Any, got: Any, path: str = "") -> Iterable[tuple[str, Any, Any]]:
    """The paths at which two pieces of plain data differ, with both values."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in dict.fromkeys([*expected, *got]):
            below = f"{path}.{name}" if path else name
            yield from differing(expected.get(name, ABSENT), got.get(name, ABSENT), below)
    elif isinstance(expected, list) and isinstance(got, list):
        if named(expected) and named(got) and path.endswith(("configs", "features")):
            yield from differing(by_name(expected), by_name(got), path)
        elif len(expected) != len(got):
            yield (path, expected, got)
        else:
            for one, other in zip(expected, got, strict=True):
                yield from differing(one, other, f"{path}[]")
    elif expected != got:
        yield (path, expected, got)


def named(items: list[Any]) -> bool:
    """Whether each item is a struct with a name of its own."""
    names = [item.get("name") for item in items if isinstance(item, dict)]
    return len(names) == len(items) == len(set(names)) and None not in names


def by_name(items: list[Any]) -> dict[str, Any]:
    """Named structs as a dict, so that one that is missing does not shift the others."""
    return {item["name"]: item for item in items}
