"""Reads a history: completions are told together with what they complete. Pure."""

import heapq
import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import define


@define
class Event:
    """One moment of an operation. `at` and `began` are ns of a clock that never goes back.

    `data` of a completion has what the invocation had, too. `type` is invoke, ok, fail, unknown, or info (a fact).
    """

    at: int
    began: int
    process: str
    operation: int
    type: str
    kind: str
    data: dict[str, Any]


def joined(lines: Iterable[str]) -> Iterator[Event]:
    """Events in order; an operation that was never completed is `unknown` at the end."""
    open_: dict[tuple[str, int], Event] = {}
    at = 0
    for line in lines:
        data = json.loads(line)
        at, process, number = data.pop("at"), data.pop("process"), data.pop("operation")
        how, kind = data.pop("type"), data.pop("kind")
        event = Event(at, at, process, number, how, kind, data)
        if how == "invoke":
            open_[process, number] = event
        elif how != "info":
            begun = open_.pop((process, number))
            event.began, event.data = begun.at, begun.data | data
        yield event
    for begun in open_.values():
        yield Event(at, begun.at, begun.process, begun.operation, "unknown", begun.kind, begun.data)


def merged(parts: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of several parts, each in order of time, as one history. A line that was cut off is left out."""
    return heapq.merge(*map(_whole, parts), key=_time)


def _whole(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.endswith("}\n"))


def _time(line: str) -> int:
    return int(line[len('{"at":') : line.index(",")])
