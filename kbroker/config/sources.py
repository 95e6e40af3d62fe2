"""Where settings come from: flags win over the environment, that over the file, that over the defaults.

sources = Sources()
sources.add_file(Path("server.properties"))
sources.add_environment(os.environ)
sources.add_flag("num.partitions", "4", "--set")
config = sources.config()       # StartupError names key, origin and what is allowed
sources.warnings(), sources.topics
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import Factory, define

from kbroker.config.broker_config import BrokerConfig, StaticValue
from kbroker.config.definitions import BROKER_CONFIGS, definition_of
from kbroker.config.environment import settings_of
from kbroker.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.config.add_scram import ScramToAdd
    from kbroker.config.create_topics import TopicToCreate
    from kbroker.config.jaas import LoginModule

# A later source that gives one of a pair overrides the other of an earlier one.
_EITHER = {"node.id": "broker.id", "broker.id": "node.id", "log.dir": "log.dirs", "log.dirs": "log.dir"}
_MECHANISMS = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"  # of users that the environment names
# Settings of ZooKeeper's days and of companies, in files that are still about: nothing is lost without them.
_WITHOUT_EFFECT = ("zookeeper.", "confluent.support.")
_OF_PLUG_INS = ("allow.everyone.if.no.acl.found", "super.users")

_EFFECT_OF_REPLICATION = {
    "default.replication.factor": "a topic that is created without a replication factor of its own will be refused",
    "offsets.topic.replication.factor": "groups will find no coordinator",
    "transaction.state.log.replication.factor": "transactions will find no coordinator",
}


@define
class Sources:
    """Settings as they are collected, from the weakest source to the strongest."""

    values: dict[str, StaticValue] = Factory(dict)
    topics: list[TopicToCreate] = Factory(list)
    scram: list[ScramToAdd] = Factory(list)
    login_sections: dict[str, list[LoginModule]] = Factory(dict)
    _warnings: list[str] = Factory(list)

    def add_file(self, path: Path) -> None:
        """Add a .properties file. Raises StartupError if it can't be read."""
        from kbroker.config.properties import parse_properties

        layer = {}
        for found in parse_properties(_text(path)):
            layer[found.name] = StaticValue(found.value, f"{path}:{found.line}")
        self._add(layer)

    def add_environment(self, environ: Mapping[str, str]) -> None:
        """Add what the environment asks for. Raises StartupError for what can't be read."""
        settings = settings_of(environ)
        self._add(settings.values)
        self.topics = settings.topics
        self.scram += settings.scram
        if settings.users:
            from kbroker.config.jaas import SERVER, LoginModule

            passwords = {f"user_{name}": password for name, password in settings.users}
            self.values.setdefault("sasl.enabled.mechanisms", StaticValue(_MECHANISMS, "KAFKA_CLIENT_USERS"))
            self.login_sections[SERVER] = [LoginModule("PlainLoginModule", passwords)]
        if settings.login_config:
            self.add_login_config(Path(settings.login_config))
        self._warnings += settings.warnings

    def add_login_config(self, path: Path) -> None:
        """Add a JAAS file. Raises StartupError if it can't be read."""
        from kbroker.config.jaas import JaasError, parse_jaas_file

        try:
            self.login_sections |= parse_jaas_file(_text(path))
        except JaasError as error:
            raise StartupError(f"{path}: {error}") from None

    def add_flag(self, name: str, text: str, flag: str) -> None:
        """Add one setting that was given as a flag."""
        self._add({name: StaticValue(text, flag)})

    def config(self) -> BrokerConfig:
        """The settings together. Raises StartupError for a bad value."""
        return BrokerConfig(self.values, self.login_sections)

    def warnings(self) -> list[str]:
        """One line for each setting that is unknown, or has not the effect that one would expect."""
        lines = [*self._warnings]
        for name, value in self.values.items():
            if definition_of(name) is None and not name.startswith(_WITHOUT_EFFECT + _OF_PLUG_INS):
                from difflib import get_close_matches

                close = get_close_matches(name, BROKER_CONFIGS, n=1, cutoff=0.8)
                hint = f"; did you mean {close[0]}?" if close else ""
                lines.append(f"unknown setting {name} ({value.origin}) is ignored{hint}")
        authorizer = self.values.get("authorizer.class.name")
        if authorizer:
            from kbroker.config.authorizer import OF_ZOOKEEPERS_DAYS, STANDARD_AUTHORIZER

            if authorizer.text.strip() in OF_ZOOKEEPERS_DAYS:
                lines.append(
                    f"authorizer.class.name ({authorizer.origin}) is of ZooKeeper's days: "
                    f"its successor {STANDARD_AUTHORIZER} is in its place"
                )
        return lines + self._replication_warnings()

    def _replication_warnings(self) -> list[str]:
        accept = self.values.get("accept.any.replication.factor")
        if accept and accept.text.strip().lower() == "true":
            return []
        return [
            f"{name} ({factor.origin}) is {factor.text.strip()}, and there is one broker: {effect}, "
            "unless accept.any.replication.factor is true"
            for name, effect in _EFFECT_OF_REPLICATION.items()
            if (factor := self.values.get(name)) and factor.text.strip() != "1"
        ]

    def _add(self, layer: Mapping[str, StaticValue]) -> None:
        for name in layer:
            other = _EITHER.get(name)
            if other and other not in layer:
                self.values.pop(other, None)
        self.values.update(layer)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StartupError(f"can't read {path}: {reason}") from error
