"""Where to listen, and what clients are told to dial."""

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener, listeners_of
from kbroker.errors import StartupError


def listeners(**settings: str) -> list[Listener]:
    return listeners_of(BrokerConfig.of({name.replace("_", "."): value for name, value in settings.items()}))


def test_without_settings_on_localhost_alone() -> None:
    assert listeners() == [Listener("PLAINTEXT", "localhost", 9092, "localhost")]


def test_every_form_of_address() -> None:
    found = listeners(
        listeners="a://:1,B://0.0.0.0:2,C://[::1]:3,D-1://broker.example:4,E://127.0.0.1:0",
        listener_security_protocol_map="A:PLAINTEXT,B:PLAINTEXT, C:plaintext,D-1:PLAINTEXT,E:PLAINTEXT",
    )
    assert [(one.name, one.host, one.port) for one in found] == [
        ("A", "", 1),
        ("B", "0.0.0.0", 2),
        ("C", "::1", 3),
        ("D-1", "broker.example", 4),
        ("E", "127.0.0.1", 0),
    ]
    assert [one.advertised_host for one in found] == [None, None, None, "broker.example", None]
    assert all(one.advertised_port is None for one in found)


def test_advertised_addresses_belong_to_the_listener_of_their_name() -> None:
    found = listeners(
        listeners="IN://:1,OUT://:2",
        advertised_listeners="OUT://host:9,IN://:8",
        listener_security_protocol_map="IN:PLAINTEXT,OUT:PLAINTEXT",
    )
    assert found == [Listener("IN", "", 1, None, 8), Listener("OUT", "", 2, "host", 9)]


def test_advertised_alone_is_bound_on_all_addresses() -> None:
    found = listeners(advertised_listeners="PLAINTEXT://kafka:19092")
    assert found == [Listener("PLAINTEXT", "", 19092, "kafka", 19092)]


def test_controller_listeners_are_left_out() -> None:
    found = listeners(
        listeners="PLAINTEXT://:9092,CONTROLLER://:9093",
        advertised_listeners="PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
        controller_listener_names="CONTROLLER",
        listener_security_protocol_map="CONTROLLER:SSL,PLAINTEXT:PLAINTEXT",
    )
    assert found == [Listener("PLAINTEXT", "", 9092, "localhost", 9092)]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"listeners": "localhost:9092"}, "is not of the form NAME://host:port"),
        ({"listeners": "PLAINTEXT://localhost"}, "is not of the form"),
        ({"listeners": "PLAINTEXT://:70000"}, "the port of 'PLAINTEXT://:70000' is above 65535"),
        ({"listeners": "PLAINTEXT://:" + "9" * 5000}, "is not of the form"),
        ({"listeners": "PLAINTEXT://:1,PLAINTEXT://:2"}, "2 listeners named PLAINTEXT"),
        (
            {"listeners": "A://:1,B://host:1", "listener_security_protocol_map": "A:PLAINTEXT,B:PLAINTEXT"},
            "A and B both use port 1",
        ),
        (
            {
                "advertised_listeners": "A://one:1,B://two:1",
                "listener_security_protocol_map": "A:PLAINTEXT,B:PLAINTEXT",
            },
            "advertised.listeners: A and B both use port 1",
        ),
        ({"listeners": "X://:1"}, "add X:PLAINTEXT"),
        ({"listener_security_protocol_map": "PLAINTEXT:PLAIN"}, "NAME:PROTOCOL"),
        (
            {"listeners": "PLAINTEXT://:1", "advertised_listeners": "OTHER://h:1"},
            "has OTHER, which listeners has not",
        ),
        ({"advertised_listeners": "PLAINTEXT://0.0.0.0:1"}, "clients can't dial 0.0.0.0"),
        ({"listeners": "C://:1", "controller_listener_names": "C"}, "no listener for clients"),
    ],
)
def test_refusals_name_the_setting(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(StartupError) as raised:
        listeners(**settings)
    assert reason in str(raised.value)


def test_one_port_on_two_addresses() -> None:
    found = listeners(
        listeners="A://127.0.0.1:1,B://[::1]:1", listener_security_protocol_map="A:PLAINTEXT,B:PLAINTEXT"
    )
    assert [one.host for one in found] == ["127.0.0.1", "::1"]


def test_the_inter_broker_listener_is_one_of_the_listeners() -> None:
    assert listeners(listeners="PLAINTEXT://:1", inter_broker_listener_name="plaintext")
    with pytest.raises(StartupError, match="is 'OTHER', but must be one of the listeners: PLAINTEXT"):
        listeners(listeners="PLAINTEXT://:1", inter_broker_listener_name="OTHER")
    with pytest.raises(StartupError, match=r"only one of inter.broker.listener.name and"):
        listeners(inter_broker_listener_name="PLAINTEXT", security_inter_broker_protocol="PLAINTEXT")


def test_security_protocols_by_the_name_of_the_listener() -> None:
    found = listeners(
        listeners="IN://:1,OUT://:2,SSL://:3", listener_security_protocol_map="in:PLAINTEXT,OUT:ssl,SSL:SSL"
    )
    assert [one.security_protocol.value for one in found] == ["PLAINTEXT", "SSL", "SSL"]


def test_listeners_that_start_early_are_among_those_that_there_are() -> None:
    given = {"listeners": "PLAINTEXT://:1", "controller_listener_names": "CONTROLLER"}
    for early in ("plaintext", "CONTROLLER, PLAINTEXT", ""):
        assert len(listeners(**given, early_start_listeners=early)) == 1
    with pytest.raises(StartupError, match="OTHER"):
        listeners(**given, early_start_listeners="PLAINTEXT,OTHER")
