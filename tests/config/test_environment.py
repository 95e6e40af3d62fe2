"""The environments of the container images people have compose files for."""

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.environment import setting_name, settings_of
from kbroker.config.listeners import Listener, listeners_of
from kbroker.errors import StartupError


def values(environ: dict[str, str]) -> dict[str, str]:
    return {name: value.text for name, value in settings_of(environ).values.items()}


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("KAFKA_NUM_PARTITIONS", "num.partitions"),
        ("KAFKA_CFG_NUM_PARTITIONS", "num.partitions"),
        ("KAFKA_A__B_C___D", "a_b.c-d"),
        ("KAFKA_PROCESS_ROLES", "process.roles"),
        ("KAFKA_CONTROLLER_QUORUM_VOTERS", "controller.quorum.voters"),
        ("KAFKA_PORT_RANGE", "port.range"),
    ],
)
def test_variables_that_are_settings(variable: str, name: str) -> None:
    assert setting_name(variable) == name


@pytest.mark.parametrize(
    "variable",
    [
        "KAFKA_VERSION",
        "KAFKA_HEAP_OPTS",
        "KAFKA_OPTS",
        "KAFKA_JMX_OPTS",
        "KAFKA_JMX_PORT",
        "KAFKA_LOG4J_LOGGERS",
        "KAFKA_JVM_PERFORMANCE_OPTS",
        "KAFKA_GC_LOG_OPTS",
        "KAFKA_TOOLS_LOG4J_LOGLEVEL",
        "KAFKA_ZOOKEEPER_CONNECT",
        "KAFKA_ENABLE_KRAFT",
        "KAFKA_KRAFT_CLUSTER_ID",
        "KAFKA_PORT",
        "KAFKA_PORT_9092_TCP_ADDR",
        "KAFKA_SERVICE_HOST",
        "KAFKA_CREATE_TOPICS",
        "ALLOW_PLAINTEXT_LISTENER",
        "CLUSTER_ID",
        "PATH",
    ],
)
def test_variables_that_are_not(variable: str) -> None:
    assert setting_name(variable) is None


def test_what_is_not_utf_8_is_refused_where_it_matters() -> None:
    """Python keeps bytes that are no UTF-8 as halves of UTF-16's pairs, which nothing can be told or stored with."""
    assert values({"OTHER": "\udcff", "KAFKA_LOG_DIRS": "/d\N{LATIN SMALL LETTER A WITH DIAERESIS}ta"})
    for variable in (
        "KAFKA_LOG_DIRS",
        "KAFKA_CLIENT_USERS",
        "KBROKER_ADD_SCRAM",
        "CLUSTER_ID",
        "ADVERTISED_HOST",
    ):
        with pytest.raises(StartupError, match=f"{variable} is not UTF-8"):
            settings_of({variable: "a\udcff"})


def test_empty_values_are_unset() -> None:
    assert values({"KAFKA_BROKER_RACK": "", "KAFKA_NUM_PARTITIONS": " "}) == {}


def test_the_cluster_id_of_each_image() -> None:
    for variable in ("CLUSTER_ID", "KAFKA_CLUSTER_ID", "KAFKA_KRAFT_CLUSTER_ID"):
        assert values({variable: "abc"}) == {"cluster.id": "abc"}


def test_wurstmeister_addresses() -> None:
    environ = {"KAFKA_ADVERTISED_HOST_NAME": "192.168.99.100", "KAFKA_ADVERTISED_PORT": "32000"}
    found = listeners_of(BrokerConfig(settings_of(environ).values))
    assert found == [Listener("PLAINTEXT", "", 9092, "192.168.99.100", 32000)]
    found = listeners_of(BrokerConfig(settings_of({"KAFKA_PORT": "9094"}).values))
    assert found == [Listener("PLAINTEXT", "", 9094, None, 9094)]


def test_spotify_addresses() -> None:
    environ = {"ADVERTISED_HOST": "localhost", "ADVERTISED_PORT": "9092"}
    found = listeners_of(BrokerConfig(settings_of(environ).values))
    assert found == [Listener("PLAINTEXT", "", 9092, "localhost", 9092)]


def test_listeners_win_over_old_addresses() -> None:
    environ = {"KAFKA_ADVERTISED_HOST_NAME": "old", "KAFKA_LISTENERS": "PLAINTEXT://:1"}
    assert values(environ) == {"listeners": "PLAINTEXT://:1"}


def test_kubernetes_service_variables_are_no_port() -> None:
    assert values({"KAFKA_PORT": "tcp://10.0.0.1:9092", "KAFKA_SERVICE_PORT": "9092"}) == {}


def test_bitnami_with_a_controller_listener() -> None:
    environ = {
        "KAFKA_CFG_NODE_ID": "0",
        "KAFKA_CFG_PROCESS_ROLES": "controller,broker",
        "KAFKA_CFG_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_CFG_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CFG_CONTROLLER_QUORUM_VOTERS": "0@kafka:9093",
        "KAFKA_CFG_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "ALLOW_PLAINTEXT_LISTENER": "yes",
    }
    settings = settings_of(environ)
    assert settings.warnings == []
    assert listeners_of(BrokerConfig(settings.values)) == [Listener("PLAINTEXT", "", 9092)]


def test_what_would_run_a_shell_is_warned_of() -> None:
    settings = settings_of(
        {
            "HOSTNAME_COMMAND": "x",
            "CUSTOM_INIT_SCRIPT": "x",
        }
    )
    assert settings.values == {}
    assert [line.split()[0] for line in settings.warnings] == [
        "CUSTOM_INIT_SCRIPT",
        "HOSTNAME_COMMAND",
    ]


def test_users_as_bitnamis_image_takes_them() -> None:
    settings = settings_of(
        {
            "KAFKA_CLIENT_USERS": "alice, bob",
            "KAFKA_CLIENT_PASSWORDS": "wonder;builder",
            "KAFKA_INTER_BROKER_USER": "admin",
            "KAFKA_INTER_BROKER_PASSWORD": "boss",
            "KAFKA_CONTROLLER_USER": "nobody",
        }
    )
    assert settings.users == [("alice", "wonder"), ("bob", "builder"), ("admin", "boss")]
    assert {user.name for user in settings.scram} == {"alice", "bob", "admin"}
    assert (settings.values, settings.warnings) == ({}, [])
    assert "wonder" not in repr(settings)


def test_users_without_passwords() -> None:
    with pytest.raises(StartupError, match="KAFKA_CLIENT_USERS has 2 and KAFKA_CLIENT_PASSWORDS 1"):
        settings_of({"KAFKA_CLIENT_USERS": "alice,bob", "KAFKA_CLIENT_PASSWORDS": "wonder"})


def test_users_of_the_first_start() -> None:
    settings = settings_of({"KBROKER_ADD_SCRAM": "SCRAM-SHA-256=[name=a,password=b]"})
    assert [user.name for user in settings.scram] == ["a"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("-Djava.security.auth.login.config=/etc/kafka/jaas.conf", "/etc/kafka/jaas.conf"),
        ("-Xmx1G -Djava.security.auth.login.config==/a/b -Dx=y", "/a/b"),
        ('"-Djava.security.auth.login.config=/a/b"', "/a/b"),
        ("-Dmy.java.security.auth.login.config=/a", None),
        ("-Xmx1G", None),
    ],
)
def test_the_login_file_that_a_jvm_would_be_given(text: str, path: str | None) -> None:
    settings = settings_of({"KAFKA_OPTS": text})
    assert settings.login_config == path
    assert settings.values == {}
