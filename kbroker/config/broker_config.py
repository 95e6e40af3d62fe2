"""The settings of one broker, in layers: default < static < dynamic for all brokers < dynamic for this one.

    config = BrokerConfig.of({"num.partitions": "4"})
    config.int("num.partitions")                    # 4; typed and checked, never a text to parse
    config.for_listener("SSL").str(name)            # listener.name.ssl.<name>, or else <name>
    config.set_dynamic("", {"log.retention.ms": "1000"})    # cluster-wide; "1" would be node 1 alone
    config.topic_config({"segment.bytes": "2097152"})       # TopicConfig; KafkaError INVALID_CONFIG
    config.describe_all(), config.describe("log.retention.ms"), config.describe_topic({...})

Static values come from a file, the environment and flags, merged by `sources`; each knows its origin.
Before `set_dynamic`, AlterConfigs asks `check_dynamic`; after it, topics take over their new defaults
(`TopicCatalog.refresh_configs`). Values are read anew at each use, so that a dynamic change is seen.
"""

from __future__ import annotations

import logging
from copy import copy
from typing import TYPE_CHECKING, Self

from attrs import frozen

from kbroker.config.definitions import BROKER_CONFIGS, Update, broker_synonyms, definition_of
from kbroker.config.definitions.network import CLUSTER_WIDE_OF_LISTENERS
from kbroker.config.definitions.security import TLS_STORES
from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kbroker.config.entries import ConfigEntry, Layer
    from kbroker.config.jaas import LoginModule
    from kbroker.config.topic import TopicConfig

log = logging.getLogger(__name__)

CLUSTER_WIDE_RESOURCE = ""  # the broker resource of this name is all brokers
MIN_INSYNC_REPLICAS = "min.insync.replicas"
AUTOMATIC_ID = "-1"
# 0 would lock out whoever could take it back.
NEVER_NONE_WHILE_RUNNING = frozenset({"max.connections", "max.connection.creation.rate"})

_DEFAULTS = {
    name: definition.default for name, definition in BROKER_CONFIGS.items() if definition.default is not None
}


@frozen
class StaticValue:
    """A value given at start. `origin` says where: `server.properties:12`, `KAFKA_PORT`, `--set`."""

    text: str
    origin: str


class BrokerConfig(TypedValues):
    """Typed access to all settings of a broker, and their description."""

    def __init__(
        self,
        static: Mapping[str, StaticValue],
        login_sections: Mapping[str, Sequence[LoginModule]] | None = None,
    ) -> None:
        """Take over what was given at start, `login_sections` in a JAAS file.

        StartupError names a bad value and its origin.
        """
        self.login_sections = login_sections or {}
        super().__init__({})
        _check(static)
        static = _with_node_id(static)
        _check(static)  # what may be a broker.id need not be a node.id
        _check_request_memory(static)
        self._static = {name: value.text for name, value in static.items()}
        self._dynamic: dict[str, dict[str, str]] = {}
        self.generation = 0  # changes with every dynamic change
        self._topic_defaults: TopicConfig | None = None  # made when first asked for
        self._effective: Mapping[str, str] = {}  # what the values are made of
        self._node_id = self._static.get("node.id", _DEFAULTS["node.id"])
        self._recompute()

    @classmethod
    def of(cls, static: Mapping[str, str] | None = None) -> Self:
        """A config of some static values, for tests and embedding."""
        return cls({name: StaticValue(text, "given") for name, text in (static or {}).items()})

    def is_set(self, name: str) -> bool:
        """Whether anyone gave a value, rather than leaving it at the default."""
        return name in self._given()

    def for_listener(self, listener: str, mechanism: str | None = None) -> TypedValues:
        """The settings as they are for a listener now, and for a SASL mechanism on it.

        `listener.name.<listener>.<mechanism>.<setting>` wins over `listener.name.<listener>.<setting>`, and that
        over `<setting>`, whichever layers they are in (KIP-103, KIP-226); names in lower case.
        """
        prefixes = [f"listener.name.{listener.lower()}."]
        if mechanism is not None:
            prefixes.append(f"{prefixes[0]}{mechanism.lower()}.")
        values = dict(self._values)
        for prefix in prefixes:
            for texts in reversed(self._texts()[:-1]):
                for name, text in texts.items():
                    definition = BROKER_CONFIGS.get(name.removeprefix(prefix))
                    if definition is not None and name.startswith(prefix):
                        values[definition.name] = definition.parse(text)
        return TypedValues(values)

    def given(self, name: str) -> str | None:
        """The text given at start for a setting that isn't the broker's own, but a plug-in's of Kafka's."""
        return self._static.get(name)

    # Dynamic values

    def dynamic(self, resource: str) -> Mapping[str, str]:
        """What is set dynamically for a node id, or for all ("")."""
        return self._dynamic.get(resource, {})

    def check_dynamic(self, resource: str, values: Mapping[str, str]) -> None:
        """Raise KafkaError INVALID_REQUEST unless all of `values` may be set dynamically for the resource.

        Settings with the prefix of a listener are taken whatever they are; plug-ins have settings of their own, too.
        """
        _refuse("Cannot update these configs dynamically", filter(_is_read_only, values))
        _refuse(
            "These security configs can be dynamically updated only per-listener using the listener prefix",
            TLS_STORES & values.keys(),
        )
        for name, text in values.items():
            definition = definition_of(name)
            try:
                if definition is not None:
                    parsed = definition.parse(text)
                    if definition.name in NEVER_NONE_WHILE_RUNNING and parsed == 0:
                        raise ValueError("must be greater than 0")
            except ValueError as error:
                raise KafkaError(
                    ErrorCode.INVALID_REQUEST, f"Invalid value {text} for configuration {name}: it {error}."
                ) from None
        if resource == CLUSTER_WIDE_RESOURCE:
            _refuse(
                "Cannot update these configs at default cluster level, broker id must be specified",
                filter(_is_per_broker, values),
            )
        if missing := self._missing_directories(values.get("cordoned.log.dirs")):
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                "requirement failed: All entries in cordoned.log.dirs must be present in log.dirs or log.dir. "
                f"Missing entries : {', '.join(missing)}",
            )

    def set_dynamic(self, resource: str, values: Mapping[str, str]) -> None:
        """Replace all that is set for a node id, or for all (""). Bad values are logged and left out."""
        kept = {}
        for name, text in values.items():
            try:
                self.check_dynamic(resource, {name: text})
            except KafkaError as error:
                log.warning("dynamic setting ignored: %s", error.message)
            else:
                kept[name] = text
        self._dynamic[resource] = kept
        self._recompute()

    def with_dynamic(self, resource: str, values: Mapping[str, str]) -> Self:
        """A config as this one would be with other dynamic values for a node id, or for all ("")."""
        other = copy(self)
        other._dynamic = dict(self._dynamic)
        other._values = dict(self._values)
        other.set_dynamic(resource, values)
        return other

    # Topics

    def topic_config(self, overrides: Mapping[str, str]) -> TopicConfig:
        """The effective config of a topic on which `overrides` are set. Raises KafkaError INVALID_CONFIG."""
        from kbroker.config.topic import topic_defaults, with_overrides

        if self._topic_defaults is None:
            self._topic_defaults = topic_defaults(self._values)
        return with_overrides(self._topic_defaults, overrides)

    def describe_topic(self, overrides: Mapping[str, str]) -> list[ConfigEntry]:
        """Every setting of a topic on which `overrides` are set, as DescribeConfigs shows it."""
        from kbroker.config.topic_describe import describe_topic_configs

        return describe_topic_configs(overrides, self._values, self._layers())

    # Groups

    def check_group(self, name: str, overrides: Mapping[str, str]) -> None:
        """Check what shall be set on a group. Raises KafkaError: INVALID_REQUEST, INVALID_CONFIG."""
        from kbroker.config.group_config import check_group

        check_group(name, overrides, self._values)

    def describe_group(self, overrides: Mapping[str, str]) -> list[ConfigEntry]:
        """Every setting of a group on which `overrides` are set."""
        from kbroker.config.group_config import describe_group

        return describe_group(overrides, self._layers())

    # Descriptions of the broker's own settings

    def describe(self, name: str) -> ConfigEntry | None:
        """One setting as DescribeConfigs shows it, or None for one that is unknown and unset."""
        if name not in BROKER_CONFIGS and name not in self._given():
            return None
        from kbroker.config.entries import describe_broker_config

        return describe_broker_config(name, self._layers())

    def describe_all(self) -> list[ConfigEntry]:
        """Every setting that is not internal, and what else was set."""
        from kbroker.config.entries import describe_broker_config

        names = {name for name, definition in BROKER_CONFIGS.items() if not definition.internal}
        return [describe_broker_config(name, self._layers()) for name in sorted(names | self._given())]

    def describe_cluster_wide(self) -> list[ConfigEntry]:
        """What is set for all brokers: the broker resource with an empty name."""
        from kbroker.config.entries import Layer, describe_broker_config
        from kbroker.config.types import ConfigSource

        values = self.dynamic(CLUSTER_WIDE_RESOURCE)
        layers = (Layer(ConfigSource.DYNAMIC_DEFAULT_BROKER, values),)
        return [describe_broker_config(name, layers) for name in sorted(values)]

    def _missing_directories(self, cordoned: str | None) -> list[str]:
        """Directories to cordon that are none of this broker's."""
        configured = self._static.get("log.dirs") or self._static.get("log.dir") or _DEFAULTS["log.dir"]
        known = {"*", *_items(configured)}
        return [path for path in _items(cordoned or "") if path not in known]

    # Layers

    def _texts(self) -> tuple[Mapping[str, str], ...]:
        """What each layer has, the winning one first, the defaults last."""
        return self.dynamic(self._node_id), self.dynamic(CLUSTER_WIDE_RESOURCE), self._static, _DEFAULTS

    def _layers(self) -> tuple[Layer, ...]:
        from kbroker.config.entries import Layer
        from kbroker.config.types import ConfigSource

        sources = (
            ConfigSource.DYNAMIC_BROKER,
            ConfigSource.DYNAMIC_DEFAULT_BROKER,
            ConfigSource.STATIC_BROKER,
            ConfigSource.DEFAULT,
        )
        return tuple(map(Layer, sources, self._texts()))

    def _given(self) -> set[str]:
        return {name for texts in self._texts()[:-1] for name in texts}

    def _recompute(self) -> None:
        self.generation += 1
        effective: dict[str, str] = {}
        for texts in reversed(self._texts()):
            effective |= texts
        for name, definition in BROKER_CONFIGS.items():
            text = effective.get(name)
            if name not in self._values or text != self._effective.get(name):
                self._values[name] = None if text is None else definition.parse(text)
        self._effective = effective
        self._topic_defaults = None


def _refuse(why: str, names: Iterable[str]) -> None:
    if refused := sorted(names):
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"{why}: [{', '.join(refused)}]")


def _is_read_only(name: str) -> bool:
    return name in BROKER_CONFIGS and BROKER_CONFIGS[name].update is Update.READ_ONLY


def _is_per_broker(name: str) -> bool:
    """A listener's own settings belong to one broker, but for those that are for the whole cluster without prefix."""
    definition = definition_of(name)
    if definition is not None and definition.update is Update.PER_BROKER:
        return True
    return name.startswith("listener.name.") and broker_synonyms(name)[-1] not in CLUSTER_WIDE_OF_LISTENERS


def _items(text: str) -> list[str]:
    return [item for part in text.split(",") if (item := part.strip())]


def _check(static: Mapping[str, StaticValue]) -> None:
    for name, given in static.items():
        definition = definition_of(name)
        if definition is None:
            continue
        try:
            definition.parse(given.text)
        except ValueError as error:
            shown = "set" if definition.sensitive else repr(given.text)
            raise StartupError(f"{given.origin}: {name} is {shown}, but it {error}") from None


def _check_request_memory(static: Mapping[str, StaticValue]) -> None:
    memory, largest = static.get("queued.max.request.bytes"), static.get("socket.request.max.bytes")
    if memory is None:
        return
    limit = int(largest.text if largest is not None else _DEFAULTS["socket.request.max.bytes"])
    if 0 < int(memory.text) < limit:
        raise StartupError(
            f"{memory.origin}: queued.max.request.bytes is {memory.text!r}, but it must be at least"
            f" socket.request.max.bytes, which is {limit}, or 0 or less for the default"
        )


def _with_node_id(static: Mapping[str, StaticValue]) -> Mapping[str, StaticValue]:
    """`broker.id` is the old name of `node.id`: each stands for the other. StartupError if they differ."""
    node, broker = static.get("node.id"), static.get("broker.id")
    if broker is not None and broker.text.strip() == AUTOMATIC_ID:
        broker = None
    given = node or broker
    if given is None:
        return {name: value for name, value in static.items() if name != "broker.id"}
    if node and broker and node.text.strip() != broker.text.strip():
        raise StartupError(
            f"{broker.origin}: broker.id is {broker.text!r}, but node.id is {node.text!r} ({node.origin}): "
            "they are two names of one thing, give one of them"
        )
    return {**static, "node.id": given, "broker.id": given}
