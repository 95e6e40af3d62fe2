"""The settings of a GROUP resource, checked and shown.

They are for consumer, share and streams groups, which are not served: they are kept for when these are.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from kbroker.config.definitions import BROKER_CONFIGS
from kbroker.config.definitions.group_resource import GROUP_CONFIGS
from kbroker.config.entries import ConfigEntry, Layer, Synonym, broker_config_synonyms
from kbroker.config.types import ConfigSource, Value, text_of
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

PROTOCOLS = ("consumer", "share", "streams")


def check_group(name: str, configs: Mapping[str, str], broker_values: Mapping[str, Value | None]) -> None:
    """Check what shall be set: each value, the broker's bounds for it, and what goes together.

    Raises KafkaError: INVALID_REQUEST for a group without a name, INVALID_CONFIG.
    """
    if not name:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Default group resources are not allowed.")
    values: dict[str, Value] = {}
    for key, text in configs.items():
        definition = GROUP_CONFIGS.get(key)
        if definition is None:
            raise KafkaError(ErrorCode.INVALID_CONFIG, f"Unknown group config name: {key}")
        try:
            values[key] = definition.parse(text)
        except ValueError as error:
            raise KafkaError(
                ErrorCode.INVALID_CONFIG, f"Invalid value {text} for configuration {key}: it {error}"
            ) from None
        _check_bounds(key, values[key], broker_values)
    _check_sessions(values, broker_values)


def _check_bounds(key: str, value: Value, broker_values: Mapping[str, Value | None]) -> None:
    """The broker says how much a group may ask for: `group.<protocol>.min.<rest>` and `.max.<rest>`."""
    protocol, _, rest = key.partition(".")
    rest = rest.removeprefix("num.")  # group.streams.max.standby.replicas
    least = broker_values.get(f"group.{protocol}.min.{rest}")
    most = broker_values.get(f"group.{protocol}.max.{rest}")
    number = cast("int", value)
    if least is not None and number < cast("int", least):
        raise KafkaError(
            ErrorCode.INVALID_CONFIG, f"{key} must be greater than or equal to group.{protocol}.min.{rest}"
        )
    if most is not None and number > cast("int", most):
        raise KafkaError(
            ErrorCode.INVALID_CONFIG, f"{key} must be less than or equal to group.{protocol}.max.{rest}"
        )


def _check_sessions(values: Mapping[str, Value], broker_values: Mapping[str, Value | None]) -> None:
    for protocol in PROTOCOLS:
        session, heartbeat = (
            cast("int", values.get(f"{protocol}.{key}") or broker_values[f"group.{protocol}.{key}"])
            for key in ("session.timeout.ms", "heartbeat.interval.ms")
        )
        if session <= heartbeat:
            raise KafkaError(
                ErrorCode.INVALID_CONFIG,
                f"{protocol}.session.timeout.ms must be greater than {protocol}.heartbeat.interval.ms",
            )


def describe_group(configs: Mapping[str, str], layers: Sequence[Layer]) -> list[ConfigEntry]:
    """All settings by name. `configs` is what is set on the group, `layers` what the broker has."""
    return [_describe(name, configs.get(name), layers) for name in GROUP_CONFIGS]


def _describe(name: str, text: str | None, layers: Sequence[Layer]) -> ConfigEntry:
    definition = GROUP_CONFIGS[name]
    if f"group.{name}" in BROKER_CONFIGS:
        synonyms = broker_config_synonyms(f"group.{name}", False, layers)
    else:
        synonyms = (Synonym(name, definition.default, ConfigSource.DEFAULT),)
    if text is not None:
        synonyms = (Synonym(name, text_of(definition.parse(text)), ConfigSource.GROUP), *synonyms)
    winner = synonyms[0]
    return ConfigEntry(name, winner.value, winner.source, False, False, definition.type, synonyms)
