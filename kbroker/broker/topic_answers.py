"""Answers about topics, put together as Apache Kafka does."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar


class TopicAnswer(Protocol):
    """What is answered about some partitions of a topic."""

    partitions: list[Any]


T = TypeVar("T", bound=TopicAnswer)


def merged(first: list[T], second: list[T], topic_of: Callable[[T], object]) -> list[T]:
    """One entry a topic, changed in place; but `second` alone stays as it is, even if it names a topic twice."""
    if not first:
        return second
    by_topic: dict[object, T] = {}
    for answer in (*first, *second):
        entry = by_topic.setdefault(topic_of(answer), answer)
        if entry is not answer:
            entry.partitions.extend(answer.partitions)
    return list(by_topic.values())
