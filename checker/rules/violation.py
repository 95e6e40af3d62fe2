"""What a rule finds, and which events of a history it is about."""

from collections.abc import Iterable, Iterator

from attrs import define
from histories.events import Event


@define
class Violation:
    """A promise that was broken. What it is about is given as far as it is known."""

    rule: str
    text: str
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    producer: int | None = None
    number: int | None = None
    group: str | None = None
    operation: tuple[str, int] | None = None


def concerned(violation: Violation, events: Iterable[Event]) -> Iterator[Event]:
    """The events that a violation is about."""
    for event in events:
        data = event.data
        if violation.operation == (event.process, event.operation):
            yield event
        elif event.kind == "append" and violation.number is not None:
            if data["producer"] == violation.producer and _within(
                violation.number, data["first"], data["count"]
            ):
                yield event
        elif event.kind == "read" and violation.offset is not None and event.type == "ok":
            if (data["topic"], data["partition"]) == (violation.topic, violation.partition) and (
                data["from"] <= violation.offset < data["next"]
            ):
                yield event
        elif (
            event.kind in GROUP_KINDS and violation.group is not None and data.get("group") == violation.group
        ):
            yield event


GROUP_KINDS = {"commit", "committed", "owned"}


def _within(number: int, first: int, count: int) -> bool:
    return first <= number < first + count
