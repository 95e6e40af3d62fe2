"""What a rule finds, and which events of a history it is about."""

from collections.abc import Iterable, Iterator

from attrs import define
from histories.events import Event

OF_GROUPS = {"commit", "committed", "owned"}


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
    return (event for event in events if _concerns(violation, event))


def _concerns(violation: Violation, event: Event) -> bool:
    data = event.data
    if violation.operation == (event.process, event.operation) and event.operation:
        return True
    if event.kind == "append" and violation.number is not None:
        same = data["producer"] == violation.producer
        return same and bool(data["first"] <= violation.number < data["first"] + data["count"])
    if event.kind == "read" and event.type == "ok" and violation.offset is not None:
        same = (data["topic"], data["partition"]) == (violation.topic, violation.partition)
        return same and bool(data["from"] <= violation.offset < data["next"])
    return event.kind in OF_GROUPS and violation.group is not None and bool(data["group"] == violation.group)
