"""What a row measures: names, units, and the bounds that are asked of the ratio to Apache Kafka."""

from typing import Literal

import attrs


@attrs.frozen
class Bound:
    """A bound on a ratio, or where `absolute` on the value itself."""

    value: float
    kind: Literal["at least", "at most"]
    absolute: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is within the bound."""
        return value >= self.value if self.kind == "at least" else value <= self.value

    def of_the_value(self) -> "Bound":
        """The same bound on our value instead of the ratio."""
        return attrs.evolve(self, absolute=True)

    def __str__(self) -> str:
        sign = "≥" if self.kind == "at least" else "≤"
        return f"{sign} {self.value:.2g}" + ("" if self.absolute else "x")


def at_least(value: float) -> Bound:
    """For figures of which more is better."""
    return Bound(value, "at least")


def at_most(value: float) -> Bound:
    """For figures of which less is better."""
    return Bound(value, "at most")


@attrs.frozen
class Figure:
    """One line of the table.

    key: its name in the JSON, and in what `measure` returns
    goal, must: bounds; None where nothing is asked
    goal_of: the broker that the goal's ratio is to, where it isn't Apache Kafka
    """

    key: str
    title: str
    unit: str
    must: Bound | None = None
    goal: Bound | None = None
    goal_of: str = "apache"
