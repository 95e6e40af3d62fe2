"""Settings of groups: what may be set within the broker's bounds, and how it is shown."""

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.types import ConfigSource
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

CONFIG = BrokerConfig.of(
    {"group.consumer.max.session.timeout.ms": "50000", "group.share.session.timeout.ms": "46000"}
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("consumer.session.timeout.ms", "50000"),
        ("share.auto.offset.reset", "by_duration:P1DT2H"),
        ("share.auto.offset.reset", "by_duration:PT0.5S"),
        ("streams.num.standby.replicas", "2"),
        ("share.isolation.level", "read_committed"),
    ],
)
def test_allowed(name: str, value: str) -> None:
    CONFIG.check_group("g", {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no.such.config", "1"),
        ("consumer.session.timeout.ms", "50001"),
        ("consumer.session.timeout.ms", "44999"),
        ("consumer.session.timeout.ms", "soon"),
        ("streams.num.standby.replicas", "3"),
        ("share.delivery.count.limit", "11"),
        ("share.auto.offset.reset", "by_duration:-PT1H"),
        ("share.auto.offset.reset", "by_duration:P"),
        ("share.auto.offset.reset", "by_duration:PT"),
        ("share.auto.offset.reset", "none"),
    ],
)
def test_refused(name: str, value: str) -> None:
    with pytest.raises(KafkaError) as refusal:
        CONFIG.check_group("g", {name: value})
    assert refusal.value.code is ErrorCode.INVALID_CONFIG


def test_a_session_outlasts_a_heartbeat() -> None:
    loose = {"group.consumer.min.session.timeout.ms": "1", "group.consumer.session.timeout.ms": "6000"}
    config = BrokerConfig.of(loose)
    config.check_group("g", {"consumer.session.timeout.ms": "5001"})
    for configs in ({"consumer.session.timeout.ms": "5000"}, {"consumer.heartbeat.interval.ms": "6000"}):
        with pytest.raises(KafkaError):
            config.check_group("g", configs)


def test_a_group_inherits_from_the_broker() -> None:
    shown = {entry.name: entry for entry in CONFIG.describe_group({"consumer.session.timeout.ms": "48000"})}
    one = shown["consumer.session.timeout.ms"]
    assert (one.value, one.source) == ("48000", ConfigSource.GROUP)
    assert [each.name for each in one.synonyms] == [one.name, f"group.{one.name}"]
    inherited = shown["share.session.timeout.ms"]
    assert (inherited.value, inherited.source) == ("46000", ConfigSource.STATIC_BROKER)
    own = shown["share.isolation.level"]
    assert (own.value, own.source, own.synonyms[0].name) == (
        "read_uncommitted",
        ConfigSource.DEFAULT,
        "share.isolation.level",
    )
