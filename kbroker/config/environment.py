"""The environment of Kafka's container images as settings, so that kbroker can take the place of any of them.

- cp-kafka and apache/kafka: `KAFKA_NUM_PARTITIONS` is num.partitions; `__` stands for `_` and `___` for `-`
- bitnami: `KAFKA_CFG_NUM_PARTITIONS` as well
- wurstmeister: `KAFKA_ADVERTISED_HOST_NAME`, `_PORT`, `KAFKA_PORT`, `KAFKA_CREATE_TOPICS` as well
- spotify: `ADVERTISED_HOST`, `ADVERTISED_PORT`
- who may log in: bitnami's `KAFKA_CLIENT_USERS` and `KAFKA_CLIENT_PASSWORDS`, the JAAS file that a JVM would be given
  in `KAFKA_OPTS`, and `KBROKER_ADD_SCRAM` (see `add_scram`)

Empty values are as good as unset. What steers a JVM, ZooKeeper or an image's scripts is left out silently.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import Factory, define, field

from kbroker.config.broker_config import StaticValue
from kbroker.config.environment_stores import VARIABLES, store_settings
from kbroker.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.config.add_scram import ScramToAdd
    from kbroker.config.create_topics import TopicToCreate

# Compiled at first use, as few environments have anything of Kafka.
_NOT_SETTINGS = (
    r"(?:.*_)?OPTS|(?:TOOLS_)?LOG4J_.*|JMX_.*|VERSION|SCALA_VERSION|HOME|CONF_FILE|ZOOKEEPER_.*|CLUSTER_ID|"
    r"(?:BASE|CONF|MOUNTED_CONF|CERTS|VOLUME|INITSCRIPTS|BIN)_DIR|DAEMON_(?:USER|GROUP)|CLIENT_LISTENER_NAME|"
    r"ENABLE_KRAFT|KRAFT_.*|SKIP_KRAFT_STORAGE_INIT|CREATE_TOPICS(?:_SEPARATOR)?|"
    r"(?:ADVERTISED_)?HOST_NAME|ADVERTISED_PORT|"
    # Kubernetes describes a service called kafka to every pod.
    r"PORT|PORT_[0-9]+_.*|SERVICE_HOST|SERVICE_PORT.*"
)
_SHELL_COMMANDS = frozenset(
    {"CUSTOM_INIT_SCRIPT"}
    | {
        f"{prefix}{name}_COMMAND"
        for prefix in ("", "KAFKA_")
        for name in ("HOSTNAME", "PORT", "BROKER_ID", "RACK")
    }
)
_USERS = frozenset(
    f"KAFKA_{whose}_{what}"
    for whose in ("CLIENT", "INTER_BROKER", "CONTROLLER")
    for what in ("USER", "USERS", "PASSWORD", "PASSWORDS")
)
_LOGIN_CONFIG = r"(?:^|\s)[\"']?-Djava\.security\.auth\.login\.config==?[\"']?([^\s\"']+)"
_UNDERSCORES = {"_": ".", "__": "_", "___": "-"}
_DEFAULT_PORT = "9092"
_OURS = ("KAFKA_", "KBROKER_", "ADVERTISED_", "CLUSTER_ID")


@define
class EnvironmentSettings:
    """What an environment asks for: settings by name, topics to create, and lines to warn of."""

    values: dict[str, StaticValue] = Factory(dict)
    topics: list[TopicToCreate] = Factory(list)
    warnings: list[str] = Factory(list)
    users: list[tuple[str, str]] = field(factory=list, repr=False)  # name and password of who may log in
    scram: list[ScramToAdd] = Factory(list)
    login_config: str | None = None  # path of a JAAS file


def settings_of(environ: Mapping[str, str]) -> EnvironmentSettings:
    """Read an environment. Raises StartupError for topics to create, and for files, that can't be read."""
    given = {name: value for name, value in sorted(environ.items()) if value.strip()}
    _check_encoding(given)
    settings = EnvironmentSettings()
    for variable, value in given.items():
        if variable in _SHELL_COMMANDS:
            settings.warnings.append(f"{variable} is ignored: kbroker runs no shell commands")
        elif variable in _USERS:
            continue
        elif variable not in VARIABLES and (name := setting_name(variable)):
            settings.values[name] = StaticValue(value, variable)
    for name, static in (store_settings(given) | _old_addresses(given)).items():
        settings.values.setdefault(name, static)
    if cluster_id := _first(given, "CLUSTER_ID", "KAFKA_CLUSTER_ID", "KAFKA_KRAFT_CLUSTER_ID"):
        settings.values["cluster.id"] = cluster_id
    if topics := given.get("KAFKA_CREATE_TOPICS"):
        from kbroker.config.create_topics import parse_create_topics

        settings.topics = parse_create_topics(topics, environ.get("KAFKA_CREATE_TOPICS_SEPARATOR", ","))
    if users := _users(given):
        from kbroker.config.add_scram import of_passwords

        settings.users = users
        settings.scram = of_passwords(users)
    if scram := given.get("KBROKER_ADD_SCRAM"):
        from kbroker.config.add_scram import parse_add_scrams

        settings.scram += parse_add_scrams(scram, "KBROKER_ADD_SCRAM")
    if "KAFKA_OPTS" in given and (login_config := re.search(_LOGIN_CONFIG, given["KAFKA_OPTS"])):
        settings.login_config = login_config[1]
    return settings


def _check_encoding(given: Mapping[str, str]) -> None:
    """Raise StartupError for one of Kafka's variables that is no UTF-8: nobody could be told what it says."""
    for variable, value in given.items():
        if variable.startswith(_OURS) and not (variable + value).isascii():
            try:
                (variable + value).encode()
            except UnicodeEncodeError:
                shown = variable.encode("ascii", "backslashreplace").decode()
                raise StartupError(f"{shown} is not UTF-8") from None


def _users(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Users and passwords as bitnami's image takes them, lists with commas or semicolons."""
    users: list[tuple[str, str]] = []
    for names, passwords in (
        ("KAFKA_CLIENT_USERS", "KAFKA_CLIENT_PASSWORDS"),
        ("KAFKA_INTER_BROKER_USER", "KAFKA_INTER_BROKER_PASSWORD"),
    ):
        named, secret = (
            [part.strip() for part in re.split("[,;]", given.get(variable, "")) if part.strip()]
            for variable in (names, passwords)
        )
        if len(named) != len(secret):
            raise StartupError(
                f"{names} has {len(named)} and {passwords} {len(secret)}: each user needs one password"
            )
        users += zip(named, secret, strict=True)
    return users


def setting_name(variable: str) -> str | None:
    """The setting that a variable stands for, if it stands for one."""
    rest = variable.removeprefix("KAFKA_CFG_")
    if rest == variable:
        rest = variable.removeprefix("KAFKA_")
        if rest == variable or re.fullmatch(_NOT_SETTINGS, rest):
            return None
    return re.sub(r"_{1,3}", lambda found: _UNDERSCORES[found[0]], rest.lower()) or None


def _old_addresses(given: Mapping[str, str]) -> dict[str, StaticValue]:
    """Host and port as wurstmeister's and spotify's images take them, unless listeners are given."""
    if {"KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"} & given.keys():
        return {}
    host = _first(given, "KAFKA_ADVERTISED_HOST_NAME", "ADVERTISED_HOST")
    port = _first(given, "KAFKA_ADVERTISED_PORT", "ADVERTISED_PORT")
    bound = _first(given, "KAFKA_PORT")
    if bound is not None and not bound.text.strip().isdecimal():
        bound = None  # Kubernetes' description of a service called kafka
    if host is None and port is None and bound is None:
        return {}
    bound_port = bound.text if bound else _DEFAULT_PORT
    advertised_port = port.text if port else bound_port
    advertised_host = host.text if host else ""
    return {
        "listeners": StaticValue(f"PLAINTEXT://:{bound_port}", "KAFKA_PORT"),
        "advertised.listeners": StaticValue(
            f"PLAINTEXT://{advertised_host}:{advertised_port}", (host or port or bound or _NONE).origin
        ),
    }


_NONE = StaticValue("", "")


def _first(given: Mapping[str, str], *variables: str) -> StaticValue | None:
    return next((StaticValue(given[name].strip(), name) for name in variables if name in given), None)
