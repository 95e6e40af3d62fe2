"""What values a setting may have, beyond its type.

A validator is called with a parsed value, and raises ValueError saying what is allowed: "must be at least 1".
"""

import re
from collections.abc import Callable
from typing import cast

from kbroker.config.types import ConfigType, Value, parse

Validator = Callable[[Value], None]

_DURATION = re.compile(
    r"\+?P(?=.*\d)(?:\+?\d+D)?(?:T(?=.)(?:\+?\d+H)?(?:\+?\d+M)?(?:\+?\d+(?:[.,]\d{0,9})?S)?)?", re.IGNORECASE
)
_REPLICAS = re.compile(r"([0-9]+:[0-9]+)?(,[0-9]+:[0-9]+)*,?")


def at_least(least: int) -> Validator:
    """Numbers from `least` on."""

    def check(value: Value) -> None:
        if cast("float", value) < least:
            raise ValueError(f"must be at least {least}")

    return check


def not_zero(value: Value) -> None:
    """A number other than 0: below, there is no limit."""
    if value == 0:
        raise ValueError("must be at least 1, or -1 for no limit")


def between(least: int | float, most: int | float) -> Validator:
    """Numbers from `least` to `most`, both included."""

    def check(value: Value) -> None:
        number = cast("float", value)
        if number < least or number > most:
            raise ValueError(f"must be from {least} to {most}")

    return check


def one_of(*allowed: str) -> Validator:
    """One of some words."""

    def check(value: Value) -> None:
        if value not in allowed:
            raise ValueError(f"must be one of: {', '.join(allowed)}")

    return check


def one_of_ignoring_case(*allowed: str) -> Validator:
    """One of some words, upper or lower case."""

    def check(value: Value) -> None:
        if cast("str", value).lower() not in {word.lower() for word in allowed}:
            raise ValueError(f"must be one of: {', '.join(allowed)}")

    return check


def distinct(*allowed: str, may_be_empty: bool = True) -> Validator:
    """A list without empty items, in which repeated ones count once; with `allowed`, of these alone."""

    def check(value: Value) -> None:
        items = cast("tuple[str, ...]", value)
        if not items and not may_be_empty:
            raise ValueError("must name at least one")
        if "" in items:
            raise ValueError("must not have empty items")
        if allowed and not set(items) <= set(allowed):
            raise ValueError(f"must be a list of: {', '.join(allowed)}")

    return check


def limits_by_address(value: Value) -> None:
    """A text of pairs of an address and a number, `127.0.0.1:5,::1:8`."""
    pairs = [pair.strip() for pair in cast("str", value).split(",")]
    while pairs and not pairs[-1]:
        pairs.pop()
    for pair in pairs:
        _, colon, limit = pair.rpartition(":")
        if not colon:
            raise ValueError("must be a list of address:number")
        parse(ConfigType.INT, limit)


def not_empty(value: Value) -> None:
    """A text of at least one character."""
    if not value:
        raise ValueError("must not be empty")


def share_offset_reset(value: Value) -> None:
    """`earliest`, `latest`, or `by_duration:` and a duration of ISO 8601 that is not negative."""
    text = cast("str", value)
    duration = (
        _DURATION.fullmatch(text.removeprefix("by_duration:")) if text.startswith("by_duration:") else None
    )
    if text not in ("earliest", "latest") and not duration:
        raise ValueError("must be earliest, latest or by_duration:PnDTnHnMn.nS")


def gzip_level(value: Value) -> None:
    """1 to 9, or -1 for the library's default."""
    if value != -1 and not 1 <= cast("int", value) <= 9:  # noqa: PLR2004 - gzip's own levels
        raise ValueError("must be from 1 to 9, or -1")


def throttled_replicas(value: Value) -> None:
    """`*` or pairs of partition and broker."""
    text = ",".join(cast("tuple[str, ...]", value))
    if text != "*" and not _REPLICAS.fullmatch(text):
        raise ValueError("must be * or a list of partition:broker")
