"""A setting as DescribeConfigs shows it: its value, where that came from, what else there is (KIP-226)."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from kbroker.config.definitions import BROKER_CONFIGS, Definition, Update, broker_synonyms, definition_of
from kbroker.config.types import ConfigSource, ConfigType, text_of


@frozen
class Layer:
    """All values that come from one source."""

    source: ConfigSource
    values: Mapping[str, str]


@frozen
class Synonym:
    """One value in the order in which they win. `value` is None if it is a secret."""

    name: str
    value: str | None
    source: ConfigSource


@frozen
class ConfigEntry:
    """A setting with its effective value (None: unset, or a secret) and all there are, the winner first."""

    name: str
    value: str | None
    source: ConfigSource
    read_only: bool
    sensitive: bool
    type: ConfigType
    synonyms: tuple[Synonym, ...]


def describe_broker_config(name: str, layers: Sequence[Layer]) -> ConfigEntry:
    """A broker setting whose values are in `layers`, the winning layer first."""
    definition = definition_of(name)
    # A value whose meaning nobody knows may be a secret.
    sensitive = definition is None or definition.sensitive
    synonyms = broker_config_synonyms(name, sensitive, layers)
    text = next((layer.values[name] for layer in layers if name in layer.values), None)
    return ConfigEntry(
        name,
        None if sensitive or text is None else shown(definition, text),
        synonyms[0].source if synonyms else ConfigSource.DEFAULT,
        name not in BROKER_CONFIGS or BROKER_CONFIGS[name].update is Update.READ_ONLY,
        sensitive,
        definition.type if definition else ConfigType.UNKNOWN,
        synonyms,
    )


def broker_config_synonyms(name: str, sensitive: bool, layers: Iterable[Layer]) -> tuple[Synonym, ...]:
    """Every value that a broker setting has under any of its names.

    As in Apache Kafka, those before the first one under the asked name are left out.
    """
    synonyms = [
        Synonym(one, None if sensitive else layer.values[one], layer.source)
        for layer in layers
        for one in broker_synonyms(name)
        if one in layer.values
    ]
    first = next((index for index, synonym in enumerate(synonyms) if synonym.name == name), len(synonyms))
    return tuple(synonyms[first:])


def shown(definition: Definition | None, text: str) -> str:
    """A value in the form in which Kafka shows it: `0.50` is `0.5`."""
    return text if definition is None else text_of(definition.parse(text))
