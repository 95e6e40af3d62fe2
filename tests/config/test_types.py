"""Texts become values, and values texts, as in Apache Kafka."""

import math
from contextlib import suppress

import pytest

from kbroker.config.types import ConfigType, parse, text_of

from ..cpu_time import NOT_QUADRATIC_S, cpu_s


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ConfigType.BOOLEAN, " TRUE ", True),
        (ConfigType.BOOLEAN, "false", False),
        (ConfigType.INT, "+2000000", 2_000_000),
        (ConfigType.INT, " -7 ", -7),
        (ConfigType.INT, "000000000000000000012", 12),
        (ConfigType.LONG, "9223372036854775807", 2**63 - 1),
        (ConfigType.DOUBLE, "0.5f", 0.5),
        (ConfigType.DOUBLE, "1e-9", 1e-9),
        (ConfigType.DOUBLE, "Infinity", math.inf),
        (ConfigType.LIST, " compact , delete ", ("compact", "delete")),
        (ConfigType.LIST, "", ()),
        (ConfigType.LIST, "compact,", ("compact", "")),
        (ConfigType.STRING, " gzip ", "gzip"),
        (ConfigType.PASSWORD, " secret ", " secret "),
    ],
)
def test_parses(kind: ConfigType, text: str, value: object) -> None:
    assert parse(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ConfigType.BOOLEAN, "yes"),
        (ConfigType.BOOLEAN, ""),
        (ConfigType.INT, "2_000"),
        (ConfigType.INT, "1e7"),
        (ConfigType.INT, "99999999999"),
        (ConfigType.INT, "9" * 5000),
        (ConfigType.INT, "٣"),
        (ConfigType.SHORT, "70000"),
        (ConfigType.LONG, "9223372036854775808"),
        (ConfigType.DOUBLE, "half"),
        (ConfigType.DOUBLE, "nan"),
    ],
)
def test_refuses_what_java_refuses(kind: ConfigType, text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse(kind, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (5, "5"),
        (("a", "b"), "a,b"),
        (0.5, "0.5"),
        (100.0, "100.0"),
        (0.0, "0.0"),
        (1234567.25, "1234567.25"),
        (12345678.5, "1.23456785E7"),
        (1e10, "1.0E10"),
        (0.0005, "5.0E-4"),
        (-2.5e-7, "-2.5E-7"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
    ],
)
def test_shows_values_as_java_does(value: object, text: str) -> None:
    assert text_of(value) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ConfigType.DOUBLE, "1" * 32_000 + "x"),
        (ConfigType.DOUBLE, "1" * 16_000 + "." + "1" * 16_000 + "x"),
        (ConfigType.DOUBLE, "1e" + "1" * 32_000 + "x"),
        (ConfigType.INT, "1" * 32_000 + "x"),
        (ConfigType.LIST, "a" + " " * 32_000 + "b"),
    ],
)
def test_the_worst_text_takes_time_in_proportion_to_its_length(kind: ConfigType, text: str) -> None:
    """Any client that may create a topic sends such texts; the first one took 44 s."""

    def attempt() -> None:
        with suppress(ValueError):
            parse(kind, text)

    assert cpu_s(attempt) < NOT_QUADRATIC_S
