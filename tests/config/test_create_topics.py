"""KAFKA_CREATE_TOPICS."""

import pytest

from kbroker.config.create_topics import TopicToCreate, parse_create_topics
from kbroker.config.environment import settings_of
from kbroker.errors import StartupError


def test_topics_of_the_variable() -> None:
    settings = settings_of({"KAFKA_CREATE_TOPICS": "a:1:3, b:16:1:compact ,"})
    assert settings.topics == [
        TopicToCreate("a", 1, {}),
        TopicToCreate("b", 16, {"cleanup.policy": "compact"}),
    ]


@pytest.mark.parametrize("separator", ["\n", "$'\\n'"])
def test_another_separator(separator: str) -> None:
    environ = {"KAFKA_CREATE_TOPICS": "a:1:1\nb:2:1\n", "KAFKA_CREATE_TOPICS_SEPARATOR": separator}
    assert [topic.name for topic in settings_of(environ).topics] == ["a", "b"]


@pytest.mark.parametrize(
    "entry", ["a", "a:1", "a:x:1", "a:1:1:compact:more", "a:1:1:shrink", f"a:{'9' * 5000}:1"]
)
def test_an_entry_of_another_form_ends_the_start(entry: str) -> None:
    with pytest.raises(StartupError, match="KAFKA_CREATE_TOPICS"):
        parse_create_topics(entry, ",")
