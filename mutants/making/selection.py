"""Which mutants are made: by a seed, spread over the areas, and in each over the operators."""

import random
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from making.areas import AREAS, Area
from making.mutant import Mutant
from making.operators import edits_of, place_of


def selected(tree: Path, count: int, seed: int, only: Collection[str] = ()) -> list[Mutant]:
    """At most `count` mutants. `only`: names of areas, of modules, or paths."""
    chance = random.Random(seed)
    areas = [found for area in AREAS if (found := _in_turn(_all(tree, area, only), chance))]
    chosen: list[Mutant] = []
    while areas and len(chosen) < count:
        chosen += [mutants.pop() for mutants in areas[: count - len(chosen)]]
        areas = [mutants for mutants in areas if mutants]
    return chosen


def is_wanted(area: str, path: str, only: Collection[str]) -> bool:
    """Whether `only` names a file, or names nothing."""
    return not only or not {area, path, Path(path).stem}.isdisjoint(only)


def _all(tree: Path, area: Area, only: Collection[str]) -> Iterator[Mutant]:
    for path in area.files(tree):
        if is_wanted(area.name, path, only):
            source = (tree / path).read_bytes()
            for edit in edits_of(source):
                name = f"{path}:{place_of(source, edit)} {edit.operator}"
                yield Mutant(name, area.name, path, [edit])


def _in_turn(mutants: Iterable[Mutant], chance: random.Random) -> list[Mutant]:
    """Shuffled so that each operator has its turn before one comes again; the first one is at the end."""
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_operator.setdefault(mutant.edits[0].operator, []).append(mutant)
    for found in by_operator.values():
        chance.shuffle(found)
    order: list[Mutant] = []
    while by_operator:
        turn = sorted(by_operator)
        chance.shuffle(turn)
        for operator in turn:
            order.append(by_operator[operator].pop())
            if not by_operator[operator]:
                del by_operator[operator]
    return order[::-1]
