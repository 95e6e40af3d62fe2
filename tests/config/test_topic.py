"""A topic's config: what is set on it, over what the broker has."""

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.topic import TopicConfig, parse_topic_configs, with_overrides
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


def test_without_any_setting_it_is_apaches_default() -> None:
    assert BrokerConfig.of().topic_config({}) == TopicConfig()


def test_overrides_are_parsed() -> None:
    config = BrokerConfig.of().topic_config(
        {"cleanup.policy": "compact,delete", "preallocate": "TRUE", "min.cleanable.dirty.ratio": "0.1"}
    )
    assert config.cleanup_policy == {"compact", "delete"}
    assert config.preallocate is True
    assert config.min_cleanable_dirty_ratio == 0.1


def test_defaults_are_left_as_they_are() -> None:
    defaults = TopicConfig()
    with_overrides(defaults, {"retention.ms": "1"})
    assert defaults == TopicConfig()


@pytest.mark.parametrize(
    "configs",
    [
        {"no.such": "1"},
        {"retention.ms": "-2"},
        {"segment.bytes": "14"},
        {"cleanup.policy": "Compact"},
        {"compression.type": "GZIP"},
        {"compression.gzip.level": "0"},
        {"min.compaction.lag.ms": "2", "max.compaction.lag.ms": "1"},
        {"remote.storage.enable": "true"},
        {"message.timestamp.type": "createtime"},
    ],
)
def test_bad_ones_are_invalid_config(configs: dict[str, str]) -> None:
    with pytest.raises(KafkaError) as raised:
        BrokerConfig.of().topic_config(configs)
    assert raised.value.code is ErrorCode.INVALID_CONFIG
    assert next(iter(configs)) in (raised.value.message or "")


def test_what_has_no_effect_is_checked_all_the_same() -> None:
    assert parse_topic_configs({"leader.replication.throttled.replicas": "0:1"})
    with pytest.raises(KafkaError):
        parse_topic_configs({"leader.replication.throttled.replicas": "none"})


def test_update_from_changes_the_shared_object_in_place() -> None:
    shared = TopicConfig()
    shared.update_from(TopicConfig(retention_ms=5, cleanup_policy=frozenset({"compact"})))
    assert shared == TopicConfig(retention_ms=5, cleanup_policy=frozenset({"compact"}))
