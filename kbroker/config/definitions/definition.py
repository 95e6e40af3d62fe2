"""What is known about one setting."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from kbroker.config.types import ConfigType, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.config.types import Value
    from kbroker.config.validators import Validator

BOOLEAN = ConfigType.BOOLEAN
STRING = ConfigType.STRING
INT = ConfigType.INT
SHORT = ConfigType.SHORT
LONG = ConfigType.LONG
DOUBLE = ConfigType.DOUBLE
LIST = ConfigType.LIST
CLASS = ConfigType.CLASS
PASSWORD = ConfigType.PASSWORD


class Update(Enum):
    """Whether a running broker takes a new value, and for whom (KIP-226)."""

    READ_ONLY = "read-only"
    PER_BROKER = "per-broker"
    CLUSTER_WIDE = "cluster-wide"


PER_BROKER = Update.PER_BROKER
CLUSTER_WIDE = Update.CLUSTER_WIDE


@frozen
class Definition:
    """A setting. `default` is None where unset means something; an `internal` one is not shown unless set."""

    name: str
    type: ConfigType
    default: str | None = None
    validator: Validator | None = None
    update: Update = Update.READ_ONLY
    internal: bool = field(default=False, kw_only=True)

    @property
    def sensitive(self) -> bool:
        """Whether the value is never shown."""
        return self.type is PASSWORD

    def parse(self, text: str) -> Value:
        """The value of a text. ValueError says what is allowed."""
        value = parse(self.type, text)
        if self.validator is not None:
            self.validator(value)
        return value


def by_name(*groups: tuple[Definition, ...]) -> Mapping[str, Definition]:
    """Definitions of several groups, by name, in the order of names."""
    return {
        definition.name: definition
        for definition in sorted((one for group in groups for one in group), key=lambda one: one.name)
    }
