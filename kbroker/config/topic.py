"""The configuration of one topic: what the log, the cleaner and the handlers read."""

import copy
from collections.abc import Mapping
from typing import cast

from attrs import define, fields

from kbroker.config.definitions import TOPIC_SYNONYMS
from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.types import Value
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

LONG_MAX = 2**63 - 1


@define
class TopicConfig:
    """Effective values of a topic's configs. Names and defaults are Apache Kafka's, with `_` for `.`.

    The object is shared by everything that serves the topic and is updated in place (`update_from`) when a
    config changes, so readers must not cache its fields.
    """

    cleanup_policy: frozenset[str] = frozenset({"delete"})
    compression_type: str = "producer"
    compression_gzip_level: int = -1
    compression_lz4_level: int = 9
    compression_zstd_level: int = 3
    delete_retention_ms: int = 86_400_000
    file_delete_delay_ms: int = 60_000
    flush_messages: int = LONG_MAX
    flush_ms: int = LONG_MAX
    index_interval_bytes: int = 4096
    max_compaction_lag_ms: int = LONG_MAX
    max_message_bytes: int = 1_048_588
    message_timestamp_after_max_ms: int = 3_600_000
    message_timestamp_before_max_ms: int = LONG_MAX
    message_timestamp_type: str = "CreateTime"
    min_cleanable_dirty_ratio: float = 0.5
    min_compaction_lag_ms: int = 0
    min_insync_replicas: int = 1
    preallocate: bool = False
    retention_bytes: int = -1
    retention_ms: int = 604_800_000
    segment_bytes: int = 1_073_741_824
    segment_index_bytes: int = 10_485_760
    segment_jitter_ms: int = 0
    segment_ms: int = 604_800_000
    unclean_leader_election_enable: bool = False

    def update_from(self, other: "TopicConfig") -> None:
        """Take over every value of `other`, in place."""
        for name in _FIELDS.values():
            setattr(self, name, getattr(other, name))


# By Kafka's name. Tiered storage and replication are not here: there is nothing that they would change.
_FIELDS = {
    name: field
    for name in TOPIC_CONFIGS
    if (field := name.replace(".", "_")) in {attribute.name for attribute in fields(TopicConfig)}
}


def topic_defaults(broker_values: Mapping[str, Value | None]) -> TopicConfig:
    """The config of a topic on which nothing is set, from the broker's values by name."""
    config = TopicConfig()
    for name, field in _FIELDS.items():
        setattr(config, field, _field_value(inherited(name, broker_values)))
    return config


def inherited(name: str, broker_values: Mapping[str, Value | None]) -> Value:
    """What a topic setting is when it isn't set on the topic."""
    for broker_name, factor in TOPIC_SYNONYMS.get(name, ()):
        value = broker_values[broker_name]
        if value is not None:
            return value if factor == 1 else cast("int", value) * factor
    definition = TOPIC_CONFIGS[name]
    return definition.parse(cast("str", definition.default))


def with_overrides(defaults: TopicConfig, overrides: Mapping[str, str]) -> TopicConfig:
    """The defaults with what is set on a topic. Raises KafkaError INVALID_CONFIG."""
    config = copy.copy(defaults)
    for name, value in parse_topic_configs(overrides).items():
        if field := _FIELDS.get(name):
            setattr(config, field, _field_value(value))
    if config.min_compaction_lag_ms > config.max_compaction_lag_ms:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"min.compaction.lag.ms ({config.min_compaction_lag_ms}) must not be above "
            f"max.compaction.lag.ms ({config.max_compaction_lag_ms})",
        )
    return config


def parse_topic_configs(texts: Mapping[str, str]) -> dict[str, Value]:
    """What is set on a topic, checked one by one. Raises KafkaError INVALID_CONFIG."""
    values = {}
    for name, text in texts.items():
        definition = TOPIC_CONFIGS.get(name)
        if definition is None:
            raise KafkaError(ErrorCode.INVALID_CONFIG, f"Unknown topic config name: {name}")
        try:
            values[name] = definition.parse(text)
        except ValueError as error:
            raise KafkaError(
                ErrorCode.INVALID_CONFIG, f"Invalid value {text} for configuration {name}: it {error}"
            ) from None
    if values.get("remote.storage.enable"):
        raise KafkaError(ErrorCode.INVALID_CONFIG, "remote.storage.enable: this broker has no tiered storage")
    return values


def _field_value(value: Value) -> Value | frozenset[str]:
    return frozenset(value) if isinstance(value, tuple) else value
