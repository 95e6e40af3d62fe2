"""Declaring messages: version ranges, field kinds, and the decorators that make attrs classes of them.

A message is one attrs class for all its versions. Each field says in which versions it exists and in which it
may be null; a field that a version lacks has its default after reading, and is dropped when writing. Struct
defaults are shared between instances: replace them, never change them in place.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, dataclass_transform

import attrs

T = TypeVar("T")

ZERO_UUID: Final = bytes(16)
LAST_VERSION: Final = 0x7FFF
_MESSAGE: Final = "__message__"
_FIELD: Final = "kafka"


@attrs.frozen
class Versions:
    """An inclusive range of versions; empty when `last` is below `first`."""

    first: int
    last: int

    def __contains__(self, version: int) -> bool:
        """Tell whether the range has this version."""
        return self.first <= version <= self.last

    @classmethod
    def parse(cls, text: str) -> "Versions":
        """Read Kafka's notation: `3`, `3-5`, `3+` or `none`."""
        if text == "none":
            return cls(0, -1)
        first, dash, last = text.partition("-")
        if dash:
            return cls(int(first), int(last))
        if text.endswith("+"):
            return cls(int(text[:-1]), LAST_VERSION)
        return cls(int(text), int(text))


@attrs.frozen
class ArrayOf:
    """An array whose items are of one kind."""

    item: "Kind"


# The name of a primitive ("int32", "string", ...), a class made by `struct`, or an array of either.
Kind = str | type | ArrayOf

_ZERO: Final[dict[str, object]] = {
    "bool": False,
    "int8": 0,
    "int16": 0,
    "uint16": 0,
    "int32": 0,
    "uint32": 0,
    "int64": 0,
    "float64": 0.0,
    "uuid": ZERO_UUID,
    "string": "",
    "bytes": b"",
    "records": None,
}


@attrs.frozen
class FieldSpec:
    """What the wire format needs to know of one field. `tag` is None for a field with a place of its own."""

    kind: Kind
    versions: Versions
    nullable: Versions
    tag: int | None
    default: Any


@attrs.frozen
class MessageSpec:
    """What the wire format needs to know of a whole message. `key` is None for embedded data."""

    key: int | None
    versions: Versions
    flexible: Versions


_UNSET: Final[Any] = object()


def array_of(item: Kind) -> ArrayOf:
    """Make the kind of a list of `item`."""
    return ArrayOf(item)


def field(
    kind: Kind, versions: str = "0+", *, nullable: str = "none", tag: int | None = None, default: Any = _UNSET
) -> Any:
    """Declare one field of a message or struct.

    `versions` and `nullable` are ranges in Kafka's notation. Without `default` it is the kind's zero.
    """
    if default is _UNSET:
        default = _default_of(kind)
    spec = FieldSpec(kind, Versions.parse(versions), Versions.parse(nullable), tag, default)
    metadata = {_FIELD: spec}
    if isinstance(default, list):
        return attrs.field(factory=list, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)


def _default_of(kind: Kind) -> Any:
    if isinstance(kind, ArrayOf):
        return []
    if isinstance(kind, str):
        return _ZERO[kind]
    return kind()


@dataclass_transform()
def struct(cls: type[T]) -> type[T]:
    """Make a class of fields that messages contain."""
    return attrs.define(cls, weakref_slot=False, match_args=False)


@dataclass_transform()
def message(*, key: int | None = None, versions: str, flexible: str = "none") -> Callable[[type[T]], type[T]]:
    """Make a class of fields that travels by itself: a request, a response, or data embedded as bytes."""
    spec = MessageSpec(key, Versions.parse(versions), Versions.parse(flexible))

    def decorate(cls: type[T]) -> type[T]:
        made = attrs.define(cls, weakref_slot=False, match_args=False)
        setattr(made, _MESSAGE, spec)
        return made

    return decorate


def message_spec(cls: type) -> MessageSpec:
    """Return what `message` was told about a class."""
    spec: MessageSpec = getattr(cls, _MESSAGE)
    return spec


def field_specs(cls: type) -> dict[str, FieldSpec]:
    """Return the fields of a message or struct by attribute name, in schema order."""
    return {a.name: a.metadata[_FIELD] for a in attrs.fields(cls)}
