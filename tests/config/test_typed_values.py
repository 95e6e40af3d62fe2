"""Values by type: a wrong type is a mistake that shows at once."""

import pytest

from kbroker.config.broker_config import BrokerConfig


def test_each_type() -> None:
    config = BrokerConfig.of({"broker.rack": "r1", "max.connections.per.ip.overrides": "a:1, b:2 ,"})
    assert config.int("num.partitions") == 1
    assert config.bool("auto.create.topics.enable") is True
    assert config.float("log.cleaner.min.cleanable.ratio") == 0.5
    assert config.str("log.message.timestamp.type") == "CreateTime"
    assert config.list("log.cleanup.policy") == ["delete"]
    assert config.list("max.connections.per.ip.overrides") == ["a:1", "b:2"]
    assert config.optional_str("broker.rack") == "r1"


def test_unset() -> None:
    config = BrokerConfig.of()
    assert config.optional_int("log.retention.ms") is None
    assert config.optional_str("broker.rack") is None
    assert config.list("log.dirs") == []


def test_wrong_type_or_name() -> None:
    config = BrokerConfig.of()
    for get in (config.float, config.bool, config.str, config.list):
        with pytest.raises(TypeError):
            get("num.partitions")
    with pytest.raises(TypeError):
        config.int("log.retention.ms")
    with pytest.raises(KeyError):
        config.int("no.such")
