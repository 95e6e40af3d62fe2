"""Types of settings, where values come from, and how texts become values and back, as Java would.

The numbers of `ConfigType` and `ConfigSource` are those of DescribeConfigs (KIP-226, KIP-569).
"""

import re
from enum import IntEnum
from math import inf, isinf, isnan, nan

Value = bool | int | float | str | tuple[str, ...]


class ConfigType(IntEnum):
    """What kind of value a setting has."""

    UNKNOWN = 0
    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7
    CLASS = 8
    PASSWORD = 9


class ConfigSource(IntEnum):
    """Where a value came from."""

    UNKNOWN = 0
    TOPIC = 1
    DYNAMIC_BROKER = 2
    DYNAMIC_DEFAULT_BROKER = 3
    STATIC_BROKER = 4
    DEFAULT = 5
    BROKER_LOGGER = 6
    CLIENT_METRICS = 7
    GROUP = 8


_BITS = {ConfigType.SHORT: 15, ConfigType.INT: 31, ConfigType.LONG: 63}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DOUBLE = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?")
_SPECIAL_DOUBLES = {"NaN": nan, "Infinity": inf, "+Infinity": inf, "-Infinity": -inf}
# Java switches to scientific notation outside of these.
_LEAST_PLAIN_DOUBLE = 1e-3
_MOST_PLAIN_DOUBLE = 1e7


def parse(config_type: ConfigType, text: str) -> Value:
    """The value a text stands for. ValueError says what was expected instead."""
    trimmed = text.strip()
    match config_type:
        case ConfigType.BOOLEAN:
            if trimmed.lower() not in {"true", "false"}:
                raise ValueError("must be true or false")
            return trimmed.lower() == "true"
        case ConfigType.SHORT | ConfigType.INT | ConfigType.LONG:
            return _parse_integer(trimmed, _BITS[config_type])
        case ConfigType.DOUBLE:
            return _parse_double(trimmed)
        case ConfigType.LIST:
            # Repeated items count once, as in Apache Kafka.
            return tuple(dict.fromkeys(map(str.strip, trimmed.split(",")))) if trimmed else ()
        case ConfigType.PASSWORD:
            return text
        case _:
            return trimmed


def _parse_integer(text: str, bits: int) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("must be a whole number")
    digits = text.lstrip("+-0") or "0"
    # Longer ones are out of range anyway, and int() refuses thousands of digits.
    if len(digits) <= len(str(2**bits)):
        number = int(text)
        if -(2**bits) <= number < 2**bits:
            return number
    raise ValueError(f"must be a whole number from {-(2**bits)} to {2**bits - 1}")


def _parse_double(text: str) -> float:
    if text in _SPECIAL_DOUBLES:
        return _SPECIAL_DOUBLES[text]
    if decimal := _DOUBLE.fullmatch(text):
        return float(decimal[1])
    raise ValueError("must be a number")


def text_of(value: Value) -> str:
    """A value as Kafka shows it: `true`, `0.5`, `a,b`."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _double_text(value)
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def _double_text(value: float) -> str:
    """As Java's Double.toString."""
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    from decimal import Decimal  # what describes settings needs it, a start does not

    if value == 0 or _LEAST_PLAIN_DOUBLE <= abs(value) < _MOST_PLAIN_DOUBLE:
        return format(Decimal(repr(value)), "f") if value % 1 else f"{value:.1f}"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{len(digits) - 1 + int(exponent)}"
