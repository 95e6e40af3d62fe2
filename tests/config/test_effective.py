"""The list of settings that have an effect is what the source reads, and each has a test."""

import re
from pathlib import Path

import kbroker
from kbroker.config.definitions import BROKER_CONFIGS, TOPIC_SYNONYMS
from kbroker.config.effective import EFFECTIVE_BROKER_CONFIGS, EFFECTIVE_TOPIC_CONFIGS
from kbroker.config.topic import TopicConfig

SOURCES = {
    path: path.read_text()
    for path in Path(kbroker.__file__).parent.rglob("*.py")
    if path.parent.name != "definitions"
    and path.name not in {"effective.py", "different_defaults.py", "thread_counts.py"}
}
TESTS = [path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py") if path != Path(__file__)]
INHERITED = {broker_name for synonyms in TOPIC_SYNONYMS.values() for broker_name, _ in synonyms}


def test_every_broker_setting_on_the_list_is_read_and_no_other_is() -> None:
    quoted = {name for text in SOURCES.values() for name in re.findall(r'"([a-z.]+)"', text)}
    read = (quoted & BROKER_CONFIGS.keys()) - INHERITED
    assert read == EFFECTIVE_BROKER_CONFIGS - INHERITED


def test_every_broker_setting_on_the_list_is_named_by_a_test() -> None:
    untested = {
        name
        for name in EFFECTIVE_BROKER_CONFIGS - INHERITED
        if not any(f'"{name}"' in text or re.search(rf"\b{name.replace('.', '_')}=", text) for text in TESTS)
    }
    assert untested == set()


def test_every_topic_setting_on_the_list_is_a_field_of_the_topics_config() -> None:
    fields = {name.replace(".", "_") for name in EFFECTIVE_TOPIC_CONFIGS}
    unused = {"__weakref__", "unclean_leader_election_enable", "min_insync_replicas"}
    assert fields == {*TopicConfig.__slots__} - unused
