"""What is allowed, and that a refusal says so."""

import pytest

from kbroker.config.types import Value
from kbroker.config.validators import (
    Validator,
    at_least,
    between,
    distinct,
    gzip_level,
    limits_by_address,
    not_empty,
    not_zero,
    one_of,
    one_of_ignoring_case,
    throttled_replicas,
)


@pytest.mark.parametrize(
    ("validator", "allowed", "refused"),
    [
        (at_least(1), [1, 2], [0, -1]),
        (not_zero, [1, -1, -5], [0]),
        (between(0, 1), [0.0, 1.0, 0.5], [1.5, -0.1]),
        (one_of("a", "b"), ["a"], ["A", ""]),
        (one_of_ignoring_case("Up", "DOWN"), ["up", "Down"], ["left"]),
        (distinct("compact", "delete"), [(), ("compact",)], [("x",), ("compact", "")]),
        (distinct(may_be_empty=False), [("x",)], [()]),
        (limits_by_address, ["", "::1:5", " a : 5 , b:-1,,"], ["a", "a:b", ":", "a:1,,b:2", "a:2147483648"]),
        (not_empty, ["x"], [""]),
        (gzip_level, [-1, 1, 9], [0, 10, -2]),
        (throttled_replicas, [("*",), (), ("0:1", "1:2")], [("none",), ("*", "0:1"), ("0",)]),
    ],
)
def test_allows_and_refuses(validator: Validator, allowed: list[Value], refused: list[Value]) -> None:
    for value in allowed:
        validator(value)
    for value in refused:
        with pytest.raises(ValueError, match=r"^must "):
            validator(value)
