"""One setting: its type first, then what is allowed."""

import pytest

from kbroker.config.definitions.definition import INT, PASSWORD, STRING, Definition, by_name
from kbroker.config.validators import at_least


def test_type_then_range() -> None:
    definition = Definition("n", INT, "1", at_least(1))
    assert definition.parse("7") == 7
    with pytest.raises(ValueError, match="whole number"):
        definition.parse("x")
    with pytest.raises(ValueError, match="at least 1"):
        definition.parse("0")


def test_passwords_are_sensitive() -> None:
    assert Definition("p", PASSWORD).sensitive
    assert not Definition("s", STRING).sensitive


def test_by_name_is_sorted() -> None:
    assert [*by_name((Definition("b", INT),), (Definition("a", INT),))] == ["a", "b"]
