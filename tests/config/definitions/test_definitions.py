"""The tables are Apache Kafka 4.3.1's, but for the defaults that are said to differ."""

import json
from pathlib import Path

import pytest

from kbroker.config.definitions import BROKER_CONFIGS, TOPIC_SYNONYMS, kbroker
from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.different_defaults import DIFFERENT_DEFAULTS

APACHE = json.loads((Path(__file__).parents[2] / "data" / "configs_4.3.1.json").read_text())
OURS = {definition.name for definition in kbroker.SETTINGS}
DYNAMIC_ONLY = {
    "follower.replication.throttled.rate",
    "leader.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
}


def test_the_same_names() -> None:
    assert BROKER_CONFIGS.keys() == APACHE["broker"].keys() | OURS | DYNAMIC_ONLY
    assert TOPIC_CONFIGS.keys() == APACHE["topic"].keys()


def test_broker_settings_are_apaches_but_for_the_table_of_different_defaults() -> None:
    for name, apache in APACHE["broker"].items():
        ours = BROKER_CONFIGS[name]
        assert (ours.type.name, ours.internal, ours.update.value) == (
            apache["type"],
            apache["internal"],
            apache["update"],
        ), name
        if name in DIFFERENT_DEFAULTS:
            assert DIFFERENT_DEFAULTS[name].apache == apache["default"] != ours.default, name
        else:
            assert ours.default == apache["default"], name


def test_topic_settings_are_apaches() -> None:
    for name, apache in APACHE["topic"].items():
        ours = TOPIC_CONFIGS[name]
        assert (ours.type.name, ours.default) == (apache["type"], apache["default"]), name


@pytest.mark.parametrize(
    "definition", [*BROKER_CONFIGS.values(), *TOPIC_CONFIGS.values()], ids=lambda one: one.name
)
def test_every_default_is_allowed(definition: object) -> None:
    default = definition.default  # type: ignore[attr-defined]
    if default is not None:
        definition.parse(default)  # type: ignore[attr-defined]


def test_what_topics_inherit_has_the_topics_default() -> None:
    for name, synonyms in TOPIC_SYNONYMS.items():
        broker_name, factor = next(pair for pair in synonyms if BROKER_CONFIGS[pair[0]].default is not None)
        inherited = BROKER_CONFIGS[broker_name].default
        default = TOPIC_CONFIGS[name].default
        assert default == (inherited if factor == 1 else str(int(inherited or 0) * factor)), name
