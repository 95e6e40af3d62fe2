"""The layers of a broker's settings, and who wins."""

import pytest

from kbroker.config.broker_config import BrokerConfig, StaticValue
from kbroker.config.types import ConfigSource, ConfigType
from kbroker.errors import StartupError
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


def test_defaults_static_cluster_wide_and_per_broker_values_win_in_this_order() -> None:
    config = BrokerConfig.of({"node.id": "3"})
    assert config.int("max.connections") == 2**31 - 1
    config = BrokerConfig.of({"node.id": "3", "max.connections": "10"})
    assert config.int("max.connections") == 10
    config.set_dynamic("", {"max.connections": "20"})
    assert config.int("max.connections") == 20
    config.set_dynamic("3", {"max.connections": "30"})
    config.set_dynamic("4", {"max.connections": "40"})  # another node's
    assert config.int("max.connections") == 30
    entry = config.describe("max.connections")
    assert entry is not None
    assert (entry.value, entry.source, entry.read_only) == ("30", ConfigSource.DYNAMIC_BROKER, False)
    assert [(one.value, one.source) for one in entry.synonyms] == [
        ("30", ConfigSource.DYNAMIC_BROKER),
        ("20", ConfigSource.DYNAMIC_DEFAULT_BROKER),
        ("10", ConfigSource.STATIC_BROKER),
        ("2147483647", ConfigSource.DEFAULT),
    ]
    config.set_dynamic("3", {})
    config.set_dynamic("", {})
    assert config.int("max.connections") == 10


def test_a_bad_value_names_its_origin_its_key_and_what_is_allowed() -> None:
    with pytest.raises(
        StartupError, match=r"^server.properties:3: num.partitions is '0', but it must be at least 1$"
    ):
        BrokerConfig({"num.partitions": StaticValue("0", "server.properties:3")})


def test_a_bad_secret_is_not_shown() -> None:
    config = BrokerConfig.of({"ssl.key.password": "secret"})
    entry = config.describe("ssl.key.password")
    assert entry is not None
    assert (entry.value, entry.sensitive) == (None, True)
    assert [one.value for one in entry.synonyms] == [None]


def test_node_id_and_broker_id_are_one() -> None:
    assert BrokerConfig.of().int("node.id") == 0
    assert BrokerConfig.of({"broker.id": "7"}).int("node.id") == 7
    assert BrokerConfig.of({"node.id": "7"}).int("broker.id") == 7
    assert BrokerConfig.of({"broker.id": "-1"}).int("node.id") == 0  # automatic
    with pytest.raises(StartupError, match=r"node\.id is '-2', but it must be at least 0"):
        BrokerConfig.of({"broker.id": "-2"})
    with pytest.raises(StartupError, match="two names of one thing"):
        BrokerConfig.of({"node.id": "1", "broker.id": "2"})


def test_is_set_tells_a_given_value_from_a_default() -> None:
    assert BrokerConfig.of({"listeners": "PLAINTEXT://localhost:9092"}).is_set("listeners")
    assert not BrokerConfig.of().is_set("listeners")


@pytest.mark.parametrize(
    ("resource", "name", "value", "reason"),
    [
        ("", "num.partitions", "2", "Cannot update these configs dynamically: .num.partitions."),
        (
            "",
            "listeners",
            "PLAINTEXT://:1",
            "at default cluster level, broker id must be specified: .listeners.",
        ),
        ("", "listener.name.in.ssl.keystore.type", "PEM", "broker id must be specified"),
        ("0", "ssl.keystore.type", "PEM", "only per-listener using the listener prefix: .ssl.keystore.type."),
        ("0", "listener.name.in.ssl.client.auth", "maybe", "must be one of"),
        ("0", "max.connections", "many", "whole number"),
        ("0", "max.connections", "-1", "at least 0"),
    ],
)
def test_what_may_not_be_set_dynamically(resource: str, name: str, value: str, reason: str) -> None:
    config = BrokerConfig.of()
    with pytest.raises(KafkaError, match=reason) as raised:
        config.check_dynamic(resource, {name: value})
    assert raised.value.code is ErrorCode.INVALID_REQUEST
    config.set_dynamic(resource, {name: value})  # as a store of another version could hold it
    assert config.dynamic(resource) == {}


def test_settings_of_plugins_may_be_set() -> None:
    config = BrokerConfig.of()
    config.check_dynamic("", {"my.plugin.key": "x"})
    config.set_dynamic("", {"my.plugin.key": "x"})
    entry = config.describe("my.plugin.key")
    assert entry is not None
    assert (entry.value, entry.sensitive, entry.type) == (None, True, ConfigType.UNKNOWN)


def test_topics_inherit_the_brokers_values_also_dynamic_ones() -> None:
    config = BrokerConfig.of({"log.retention.hours": "2", "log.roll.ms": "5"})
    assert config.topic_config({}).retention_ms == 7_200_000
    assert config.topic_config({}).segment_ms == 5
    config.set_dynamic("", {"log.retention.ms": "9"})
    assert config.topic_config({}).retention_ms == 9
    assert config.topic_config({"retention.ms": "1"}).retention_ms == 1


def test_retention_in_the_finest_unit_wins() -> None:
    config = BrokerConfig.of({"log.retention.hours": "2", "log.retention.minutes": "3"})
    assert config.topic_config({}).retention_ms == 180_000


def test_describe_all_has_what_is_not_internal_and_what_is_set() -> None:
    config = BrokerConfig.of({"log.initial.task.delay.ms": "1", "some.unknown": "x"})
    names = [entry.name for entry in config.describe_all()]
    assert names == sorted(names)
    assert {"log.initial.task.delay.ms", "some.unknown", "num.partitions"} <= {*names}
    assert "unstable.api.versions.enable" not in names
    assert "queued.max.response.bytes" not in names


def test_an_unknown_setting_has_no_description() -> None:
    assert BrokerConfig.of().describe("no.such") is None


def test_the_cluster_wide_resource_has_only_what_is_set() -> None:
    config = BrokerConfig.of()
    assert config.describe_cluster_wide() == []
    config.set_dynamic("", {"max.connections": "5"})
    (entry,) = config.describe_cluster_wide()
    assert (entry.name, entry.value, entry.source) == (
        "max.connections",
        "5",
        ConfigSource.DYNAMIC_DEFAULT_BROKER,
    )


def test_a_listeners_own_values_win_whichever_layer_they_are_in() -> None:
    config = BrokerConfig.of(
        {
            "ssl.client.auth": "required",
            "listener.name.out-side.ssl.client.auth": "requested",
            "ssl.keystore.type": "PEM",
        }
    )
    assert config.for_listener("INSIDE").str("ssl.client.auth") == "required"
    assert config.for_listener("OUT-SIDE").str("ssl.client.auth") == "requested"
    assert config.for_listener("OUT-SIDE").str("ssl.keystore.type") == "PEM"
    config.set_dynamic("0", {"listener.name.out-side.ssl.client.auth": "none"})
    assert config.for_listener("OUT-SIDE").str("ssl.client.auth") == "none"


def test_a_mechanism_on_a_listener_wins_over_the_listener() -> None:
    config = BrokerConfig.of(
        {
            "sasl.jaas.config": "everywhere",
            "listener.name.in.sasl.jaas.config": "on IN",
            "listener.name.in.scram-sha-256.sasl.jaas.config": "SCRAM on IN",
        }
    )
    assert config.for_listener("IN", "SCRAM-SHA-256").str("sasl.jaas.config") == "SCRAM on IN"
    assert config.for_listener("IN", "PLAIN").str("sasl.jaas.config") == "on IN"
    assert config.for_listener("OUT", "PLAIN").str("sasl.jaas.config") == "everywhere"
    entry = config.describe("listener.name.in.scram-sha-256.sasl.jaas.config")
    assert entry is not None
    assert (entry.value, entry.sensitive) == (None, True)


def test_a_listeners_own_value_is_checked_at_the_start() -> None:
    with pytest.raises(StartupError, match=r"listener.name.in.ssl.client.auth is 'maybe'"):
        BrokerConfig.of({"listener.name.in.ssl.client.auth": "maybe"})


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("0", "listener.name.in.ssl.keystore.type"),
        ("0", "listener.name.in.num.partitions"),
        ("0", "listener.name.in.no.such.thing"),
        ("", "listener.name.in.max.connections"),
        ("0", "ssl.client.auth"),
    ],
)
def test_what_may_be_set_dynamically(resource: str, name: str) -> None:
    value = "none" if name.endswith("auth") else "3"
    BrokerConfig.of().check_dynamic(resource, {name: value})


@pytest.mark.parametrize("name", ["max.connections", "listener.name.a.max.connection.creation.rate"])
def test_nobody_is_locked_out_by_a_dynamic_zero(name: str) -> None:
    config = BrokerConfig.of()
    with pytest.raises(KafkaError) as refused:
        config.check_dynamic("0", {name: "0"})
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    config.check_dynamic("0", {name: "1"})


@pytest.mark.parametrize(
    "settings",
    [
        {"queued.max.request.bytes": "104857599"},
        {"queued.max.request.bytes": "1", "socket.request.max.bytes": "2"},
    ],
)
def test_memory_for_requests_has_room_for_the_largest(settings: dict[str, str]) -> None:
    with pytest.raises(StartupError, match=r"queued.max.request.bytes .* at least socket.request.max.bytes"):
        BrokerConfig.of(settings)
    for enough in ("104857600", "0", "-5"):
        BrokerConfig.of({"queued.max.request.bytes": enough})
