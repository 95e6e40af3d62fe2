"""Topics that the environment asks for: `KAFKA_CREATE_TOPICS=name:partitions:replicas[:cleanup.policy],…`."""

import re

from attrs import frozen

from kbroker.config.topic import parse_topic_configs
from kbroker.errors import StartupError
from kbroker.protocol.errors import KafkaError

_FORM = "name:partitions:replicas, with :compact or :delete if need be"
_COUNT = re.compile("[0-9]{1,9}")
_LEAST_PARTS = 3
_MOST_PARTS = 4


@frozen
class TopicToCreate:
    """A topic to create unless it exists."""

    name: str
    partitions: int
    configs: dict[str, str]


def parse_create_topics(text: str, separator: str) -> list[TopicToCreate]:
    """The topics of the variable. Raises StartupError for an entry of another form."""
    if separator.strip().startswith("$'"):  # compose files hold bash's way of writing a line feed
        separator = "\n"
    return [_topic(entry.strip()) for entry in text.split(separator or ",") if entry.strip()]


def _topic(entry: str) -> TopicToCreate:
    parts = [part.strip() for part in entry.split(":")]
    if not _LEAST_PARTS <= len(parts) <= _MOST_PARTS or not all(map(_COUNT.fullmatch, parts[1:3])):
        raise StartupError(f"KAFKA_CREATE_TOPICS: {entry!r} is not of the form {_FORM}")
    configs = {"cleanup.policy": parts[3]} if len(parts) == _MOST_PARTS and parts[3] else {}
    try:
        parse_topic_configs(configs)
    except KafkaError as error:
        raise StartupError(f"KAFKA_CREATE_TOPICS: {entry!r}: {error.message}") from None
    return TopicToCreate(parts[0], max(int(parts[1]), 1), configs)
