"""Synonyms in the order in which Apache Kafka lists them."""

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.types import ConfigSource


def test_synonyms_before_the_asked_name_are_left_out() -> None:
    """Apache Kafka drops what stands before the first value of the very name that was asked for."""
    config = BrokerConfig.of({"log.retention.minutes": "5"})
    coarse = config.describe("log.retention.hours")
    fine = config.describe("log.retention.ms")
    assert coarse is not None
    assert fine is not None
    assert [(one.name, one.source) for one in coarse.synonyms] == [
        ("log.retention.hours", ConfigSource.DEFAULT)
    ]
    assert (fine.value, fine.source, fine.synonyms) == (None, ConfigSource.DEFAULT, ())


def test_a_value_is_shown_as_kafka_writes_it() -> None:
    entry = BrokerConfig.of({"log.cleaner.min.cleanable.ratio": "0.50"}).describe(
        "log.cleaner.min.cleanable.ratio"
    )
    assert entry is not None
    assert entry.value == "0.5"
    assert entry.synonyms[0].value == "0.50"  # as it was given
