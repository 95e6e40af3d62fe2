"""Topics: what one is, which names are allowed, and the registry of those that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, field

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kbroker.config.topic import TopicConfig

CONSUMER_OFFSETS = "__consumer_offsets"
TRANSACTION_STATE = "__transaction_state"
SHARE_GROUP_STATE = "__share_group_state"
INTERNAL_TOPICS = frozenset({CONSUMER_OFFSETS, TRANSACTION_STATE, SHARE_GROUP_STATE})

MAX_NAME_LENGTH = 249  # so that `<name>-<partition>` fits a file name
_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]+")


@define(eq=False)
class Topic:
    """A topic that exists. `config` is shared with all that serve the topic and changes in place."""

    name: str
    topic_id: bytes  # 16 bytes
    partitions: int
    configs: dict[str, str]  # only what was set on the topic itself
    config: TopicConfig
    internal: bool = field(init=False)  # whether Kafka uses the topic for itself

    def __attrs_post_init__(self) -> None:
        """Derive what the name tells."""
        self.internal = self.name in INTERNAL_TOPICS


def check_topic_name(name: str) -> None:
    """Raise KafkaError INVALID_TOPIC_EXCEPTION unless a topic may have this name."""
    if not name:
        reason = "the empty string is not allowed"
    elif name in {".", ".."}:
        reason = f"'{name}' is not allowed"
    elif len(name) > MAX_NAME_LENGTH:
        reason = f"the length of '{name}' is longer than the max allowed length {MAX_NAME_LENGTH}"
    elif not _LEGAL_NAME.fullmatch(name):
        reason = f"'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    else:
        return
    raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic name is invalid: {reason}")


def _collision_key(name: str) -> str:
    # Metric names replace dots with underscores, so Kafka keeps topics apart that would share one.
    return name.replace(".", "_")


@define
class TopicRegistry:
    """All topics, by name, by id, and by the form of the name in which `.` and `_` are the same."""

    _by_name: dict[str, Topic] = field(factory=dict)
    _by_id: dict[bytes, Topic] = field(factory=dict)
    _names_by_collision_key: dict[str, set[str]] = field(factory=dict)

    def get(self, name: str) -> Topic | None:
        """The topic of this name."""
        return self._by_name.get(name)

    def by_id(self, topic_id: bytes) -> Topic | None:
        """The topic of this id."""
        return self._by_id.get(topic_id)

    def all(self) -> Iterable[Topic]:
        """Every topic, oldest first. Not to be iterated over while topics come and go."""
        return self._by_name.values()

    def check_free(self, name: str) -> None:
        """Raise KafkaError TOPIC_ALREADY_EXISTS if there is a topic of this name."""
        if name in self._by_name:
            raise KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{name}' already exists.")

    def check_new(self, name: str) -> None:
        """Raise KafkaError unless a topic of this name should be added.

        TOPIC_ALREADY_EXISTS, or INVALID_TOPIC_EXCEPTION for a bad name or one that differs from an existing
        topic's only in `.` and `_`.
        """
        check_topic_name(name)
        self.check_free(name)
        others = self._names_by_collision_key.get(_collision_key(name))
        if others:
            raise KafkaError(
                ErrorCode.INVALID_TOPIC_EXCEPTION,
                f"Topic '{name}' collides with existing topic: {min(others)}",
            )

    def add(self, topic: Topic) -> None:
        """Add a topic whose name and id are free."""
        self._by_name[topic.name] = topic
        self._by_id[topic.topic_id] = topic
        self._names_by_collision_key.setdefault(_collision_key(topic.name), set()).add(topic.name)

    def remove(self, topic: Topic) -> None:
        """Take away a topic that was added."""
        del self._by_name[topic.name]
        del self._by_id[topic.topic_id]
        key = _collision_key(topic.name)
        names = self._names_by_collision_key[key]
        names.discard(topic.name)
        if not names:
            del self._names_by_collision_key[key]
