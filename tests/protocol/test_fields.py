"""Declaring messages: version ranges, defaults, and what the compilers are told."""

import pytest

from kbroker.protocol.fields import (
    LAST_VERSION,
    ZERO_UUID,
    MessageSpec,
    Versions,
    array_of,
    field,
    field_specs,
    message,
    message_spec,
    struct,
)

from .sample import Extra, Sample


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("3", 3, 3), ("3-5", 3, 5), ("3+", 3, LAST_VERSION), ("none", 0, -1), ("0-0", 0, 0)],
)
def test_kafkas_notation_of_versions(text: str, first: int, last: int) -> None:
    versions = Versions.parse(text)
    assert (versions.first, versions.last) == (first, last)
    assert [version for version in range(8) if version in versions] == list(range(first, min(last, 7) + 1))


@pytest.mark.parametrize("text", ["", "a", "3-", "+", "1,2"])
def test_what_is_no_range_is_refused_when_declared(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        field("int8", text)


def test_defaults_are_those_of_the_schema() -> None:
    assert Sample() == Sample(False, 7, None, b"", ZERO_UUID, [], None, -1, "", Extra(-1))


def test_every_primitive_kind_has_its_zero() -> None:
    @struct
    class Zeros:
        number: int = field("uint32")
        ratio: float = field("float64")
        text: str = field("string")
        records: bytes | None = field("records")

    assert Zeros() == Zeros(0, 0.0, "", None)


def test_lists_are_each_instances_own_and_structs_are_shared() -> None:
    """A fresh struct for each instance would cost more than reading it; so they are not to be changed in place."""
    one, other = Sample(), Sample()
    assert one.items is not other.items
    assert one.tagged_extra is other.tagged_extra


def test_an_unknown_kind_is_refused_when_declared() -> None:
    with pytest.raises(KeyError):
        field("int128")


def test_instances_hold_declared_fields_only() -> None:
    with pytest.raises(AttributeError):
        Sample().coutn = 3  # type: ignore[attr-defined]


def test_specs_are_in_schema_order_with_versions_and_tags() -> None:
    @message(key=7, versions="1-3", flexible="2+")
    class Message:
        second: list[str] = field(array_of("string"), "2+", nullable="3+", tag=4)
        first: int = field("int16", default=-1)

    assert message_spec(Message) == MessageSpec(7, Versions(1, 3), Versions(2, LAST_VERSION))
    specs = field_specs(Message)
    assert list(specs) == ["second", "first"]
    assert (specs["second"].kind, specs["second"].tag) == (array_of("string"), 4)
    assert (2 in specs["second"].nullable, 3 in specs["second"].nullable) == (False, True)
    assert (specs["first"].default, specs["first"].tag) == (-1, None)
