"""Subscriptions to what clients measure: the settings of a CLIENT_METRICS resource, checked and shown (KIP-714)."""

from collections.abc import Mapping
from typing import cast

from kbroker.config.definitions.client_metrics import CLIENT_METRICS_CONFIGS
from kbroker.config.entries import ConfigEntry, Synonym
from kbroker.config.java_patterns import is_java_pattern
from kbroker.config.types import ConfigSource, text_of
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

LEAST_INTERVAL_MS, MOST_INTERVAL_MS = 100, 3_600_000
MATCHED = frozenset(
    {
        "client_id",
        "client_instance_id",
        "client_software_name",
        "client_software_version",
        "client_source_address",
        "client_source_port",
    }
)


def check_client_metrics(name: str, configs: Mapping[str, str]) -> None:
    """Check what shall be set. Raises KafkaError: INVALID_REQUEST, INVALID_CONFIG."""
    if not name:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Subscription name can't be empty")
    for key, text in configs.items():
        definition = CLIENT_METRICS_CONFIGS.get(key)
        if definition is None:
            raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown client metrics configuration: {key}")
        try:
            value = definition.parse(text)
        except ValueError as error:
            raise KafkaError(
                ErrorCode.INVALID_CONFIG, f"Invalid value {text} for configuration {key}: it {error}"
            ) from None
        if key == "interval.ms" and not LEAST_INTERVAL_MS <= cast("int", value) <= MOST_INTERVAL_MS:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                f"Invalid value {value} for {key}: it must be from {LEAST_INTERVAL_MS} to {MOST_INTERVAL_MS}",
            )
        if key == "match":
            _check_match(cast("tuple[str, ...]", value))


def _check_match(patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        key, equals, expression = pattern.partition("=")
        right = equals and expression and "=" not in expression and key.strip() in MATCHED
        if not right or not is_java_pattern(expression.strip()):
            raise KafkaError(ErrorCode.INVALID_CONFIG, f"Illegal client matching pattern: {pattern}")


def describe_client_metrics(configs: Mapping[str, str]) -> list[ConfigEntry]:
    """All settings by name. One that has its default has no synonym."""
    entries = []
    for name, definition in CLIENT_METRICS_CONFIGS.items():
        value, source = definition.default, ConfigSource.DEFAULT
        synonyms: tuple[Synonym, ...] = ()
        if name in configs:
            value, source = text_of(definition.parse(configs[name])), ConfigSource.CLIENT_METRICS
            synonyms = (Synonym(name, value, source),)
        entries.append(ConfigEntry(name, value, source, False, False, definition.type, synonyms))
    return entries
