"""DescribeConfigs of a topic, with synonyms as Apache Kafka lists them."""

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.entries import ConfigEntry
from kbroker.config.types import ConfigSource


def described(config: BrokerConfig, overrides: dict[str, str], name: str) -> ConfigEntry:
    return next(entry for entry in config.describe_topic(overrides) if entry.name == name)


def test_every_topic_setting_is_there_and_none_is_read_only() -> None:
    entries = BrokerConfig.of().describe_topic({})
    assert [entry.name for entry in entries] == [*TOPIC_CONFIGS]
    assert all(entry.source is ConfigSource.DEFAULT and not entry.read_only for entry in entries)


def test_a_topics_own_value_stands_before_the_brokers() -> None:
    entry = described(
        BrokerConfig.of({"log.segment.bytes": "3000000"}), {"segment.bytes": "2000000"}, "segment.bytes"
    )
    assert (entry.value, entry.source) == ("2000000", ConfigSource.TOPIC)
    assert [(one.name, one.value, one.source) for one in entry.synonyms] == [
        ("segment.bytes", "2000000", ConfigSource.TOPIC),
        ("log.segment.bytes", "3000000", ConfigSource.STATIC_BROKER),
        ("log.segment.bytes", "1073741824", ConfigSource.DEFAULT),
    ]


def test_retention_by_default_has_no_synonym_as_in_apache_kafka() -> None:
    entry = described(BrokerConfig.of(), {}, "retention.ms")
    assert (entry.value, entry.source, entry.synonyms) == ("604800000", ConfigSource.DEFAULT, ())


def test_a_cluster_wide_value_is_the_topics_source() -> None:
    config = BrokerConfig.of()
    config.set_dynamic("", {"log.retention.ms": "5"})
    entry = described(config, {}, "retention.ms")
    assert (entry.value, entry.source) == ("5", ConfigSource.DYNAMIC_DEFAULT_BROKER)
