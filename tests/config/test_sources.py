"""Flags over the environment over the file over the defaults."""

from pathlib import Path

import pytest

from kbroker.config.sasl import mechanism_settings
from kbroker.config.sources import Sources
from kbroker.errors import StartupError


def sources(tmp_path: Path, file: str = "", environ: dict[str, str] | None = None, **flags: str) -> Sources:
    collected = Sources()
    path = tmp_path / "server.properties"
    path.write_text(file)
    collected.add_file(path)
    collected.add_environment(environ or {})
    for name, value in flags.items():
        collected.add_flag(name.replace("_", "."), value, "--set")
    return collected


def test_each_source_wins_over_the_ones_before(tmp_path: Path) -> None:
    assert sources(tmp_path).config().int("num.partitions") == 1
    file = "num.partitions=2"
    assert sources(tmp_path, file).config().int("num.partitions") == 2
    environ = {"KAFKA_NUM_PARTITIONS": "3"}
    assert sources(tmp_path, file, environ).config().int("num.partitions") == 3
    assert sources(tmp_path, file, environ, num_partitions="4").config().int("num.partitions") == 4


@pytest.mark.parametrize(
    ("file", "environ", "flags", "origin"),
    [
        ("a=1\nnum.partitions=x", {}, {}, "server.properties:2: num.partitions is 'x'"),
        ("", {"KAFKA_NUM_PARTITIONS": "x"}, {}, "KAFKA_NUM_PARTITIONS: num.partitions is 'x'"),
        ("", {}, {"num_partitions": "x"}, "--set: num.partitions is 'x'"),
    ],
)
def test_a_bad_value_names_its_source(
    tmp_path: Path, file: str, environ: dict[str, str], flags: dict[str, str], origin: str
) -> None:
    with pytest.raises(StartupError) as raised:
        sources(tmp_path, file, environ, **flags).config()
    assert origin in str(raised.value)
    assert "whole number" in str(raised.value)


def test_one_warning_for_each_unknown_setting(tmp_path: Path) -> None:
    collected = sources(tmp_path, "num.partition=2\nother.thing=3\nzookeeper.connect=zoo:2181")
    collected.config()
    assert [line.partition(" (")[0] for line in collected.warnings()] == [
        "unknown setting num.partition",
        "unknown setting other.thing",
    ]
    assert "did you mean num.partitions?" in collected.warnings()[0]


def test_a_stronger_source_overrides_the_other_name_of_a_setting(tmp_path: Path) -> None:
    collected = sources(tmp_path, "node.id=1\nlog.dirs=/data", {"KAFKA_BROKER_ID": "2"}, log_dir="/other")
    config = collected.config()
    assert config.int("node.id") == 2
    assert config.list("log.dirs") == []
    assert config.list("log.dir") == ["/other"]


def test_an_authorizer_that_has_a_successor_is_warned_of(tmp_path: Path) -> None:
    collected = sources(
        tmp_path, environ={"KAFKA_AUTHORIZER_CLASS_NAME": "kafka.security.authorizer.AclAuthorizer"}
    )
    assert len(collected.warnings()) == 1
    assert "StandardAuthorizer is in its place" in collected.warnings()[0]


def test_the_authorizers_own_settings_are_known(tmp_path: Path) -> None:
    environ = {"KAFKA_SUPER_USERS": "User:a", "KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND": "true"}
    collected = sources(tmp_path, environ=environ)
    assert collected.warnings() == []
    assert collected.config().given("super.users") == "User:a"


def test_a_replication_factor_that_one_broker_cannot_reach_is_warned_of(tmp_path: Path) -> None:
    collected = sources(tmp_path, environ={"KAFKA_DEFAULT_REPLICATION_FACTOR": "3"})
    assert [line.partition(", ")[0] for line in collected.warnings()] == [
        "default.replication.factor (KAFKA_DEFAULT_REPLICATION_FACTOR) is 3"
    ]
    assert sources(tmp_path, "default.replication.factor=1").warnings() == []
    three = "offsets.topic.replication.factor=3\ntransaction.state.log.replication.factor=3\n"
    assert len(sources(tmp_path, three).warnings()) == 2
    assert sources(tmp_path, f"{three}accept.any.replication.factor=true").warnings() == []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"can't read .*absent.properties: No such file"):
        Sources().add_file(tmp_path / "absent.properties")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StartupError, match="not UTF-8"):
        Sources().add_file(path)


JAAS = """
KafkaServer {{ org.apache.kafka.common.security.plain.PlainLoginModule required user_{}="secret"; }};
"""


def plain_users(collected: Sources) -> dict[str, str]:
    return mechanism_settings(collected.config(), "SASL", "PLAIN").passwords


def test_users_of_a_login_file_win_over_those_of_the_environment(tmp_path: Path) -> None:
    environ = {"KAFKA_CLIENT_USERS": "bob", "KAFKA_CLIENT_PASSWORDS": "builder"}
    assert plain_users(sources(tmp_path, "", environ)) == {"bob": "builder"}
    path = tmp_path / "jaas.conf"
    path.write_text(JAAS.format("alice"))
    environ["KAFKA_OPTS"] = f"-Djava.security.auth.login.config={path}"
    assert plain_users(sources(tmp_path, "", environ)) == {"alice": "secret"}


def test_mechanisms_of_users_that_the_environment_names(tmp_path: Path) -> None:
    environ = {"KAFKA_CLIENT_USERS": "bob", "KAFKA_CLIENT_PASSWORDS": "builder"}
    config = sources(tmp_path, "", environ).config()
    assert config.list("sasl.enabled.mechanisms") == ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
    config = sources(tmp_path, "sasl.enabled.mechanisms=PLAIN", environ).config()
    assert config.list("sasl.enabled.mechanisms") == ["PLAIN"]


@pytest.mark.parametrize("text", [None, "KafkaServer { secret"])
def test_login_files_that_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "jaas.conf"
    if text is not None:
        path.write_text(text)
    with pytest.raises(StartupError, match=r"jaas\.conf") as raised:
        sources(tmp_path, "", {"KAFKA_OPTS": f"-Djava.security.auth.login.config={path}"})
    assert "Traceback" not in str(raised.value)
