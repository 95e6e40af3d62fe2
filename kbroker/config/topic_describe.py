"""A topic's settings as DescribeConfigs shows them."""

from collections.abc import Mapping, Sequence

from kbroker.config.definitions import TOPIC_SYNONYMS
from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.entries import ConfigEntry, Layer, Synonym, broker_config_synonyms
from kbroker.config.topic import inherited
from kbroker.config.types import ConfigSource, Value, text_of


def describe_topic_configs(
    overrides: Mapping[str, str], broker_values: Mapping[str, Value | None], layers: Sequence[Layer]
) -> list[ConfigEntry]:
    """All topic settings by name. `overrides` is what is set on the topic, `layers` what the broker has."""
    return [_describe(name, overrides.get(name), broker_values, layers) for name in TOPIC_CONFIGS]


def _describe(
    name: str, override: str | None, broker_values: Mapping[str, Value | None], layers: Sequence[Layer]
) -> ConfigEntry:
    definition = TOPIC_CONFIGS[name]
    synonyms: tuple[Synonym, ...] = ()
    if name in TOPIC_SYNONYMS:
        synonyms = broker_config_synonyms(TOPIC_SYNONYMS[name][0][0], definition.sensitive, layers)
    if override is None:
        value = text_of(inherited(name, broker_values))
    else:
        value = text_of(definition.parse(override))
        synonyms = (Synonym(name, value, ConfigSource.TOPIC), *synonyms)
    source = synonyms[0].source if synonyms else ConfigSource.DEFAULT
    return ConfigEntry(name, value, source, False, definition.sensitive, definition.type, synonyms)
