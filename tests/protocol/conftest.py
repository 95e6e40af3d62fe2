"""Random messages that every codec involved can express."""

import importlib
import random
import warnings
from collections.abc import Callable

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.fields import ArrayOf, field_specs
from kbroker.protocol.schema import ZERO_UUID

with warnings.catch_warnings():  # kafka-python's import uses what newer Pythons deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
    importlib.import_module("kafka")

MakeMessage = Callable[[random.Random, type, int], object]

INTEGERS = {
    "int8": (8, True),
    "int16": (16, True),
    "uint16": (16, False),
    "int32": (32, True),
    "int64": (64, True),
}
TEXTS = [
    "",
    "a",
    "topic-1",
    "snowman \N{SNOWMAN}",
    "\N{SMILING FACE WITH OPEN MOUTH}",
    "x" * 126,
    "y" * 127,
    "z" * 300,
]


def random_struct(rng: random.Random, cls: type, version: int) -> object:
    """An instance with random values in the fields that the version has, and defaults in the others."""
    values = {}
    for name, spec in field_specs(cls).items():
        if version not in spec.versions or (spec.tag is not None and rng.random() < 0.3):
            continue
        if version in spec.nullable and rng.random() < 0.25:
            values[name] = None
        else:
            values[name] = random_value(rng, name, spec.kind, version)
    return cls(**values)


def random_value(rng: random.Random, name: str, kind: object, version: int) -> object:
    if isinstance(kind, ArrayOf):
        return [random_value(rng, name, kind.item, version) for _ in range(rng.choice((0, 1, 2, 3)))]
    if isinstance(kind, type):
        return random_struct(rng, kind, version)
    if kind in INTEGERS:
        return random_integer(rng, name, str(kind))
    make = {
        "bool": lambda: rng.random() < 0.5,
        "float64": lambda: rng.uniform(-1e9, 1e9),
        "uuid": lambda: rng.choice((ZERO_UUID, rng.randbytes(16))),
        "string": lambda: rng.choice(TEXTS),
        "bytes": lambda: rng.randbytes(rng.choice((0, 1, 127, 200))),
        "records": lambda: rng.randbytes(rng.choice((0, 1, 200, 5000))),
    }[str(kind)]
    return make()


def random_integer(rng: random.Random, name: str, kind: str) -> int:
    """Any integer of the kind, except that kio knows error codes by name and times as Python's own types."""
    if name.endswith("error_code"):
        return rng.choice(list(ErrorCode)).value
    if name.endswith("_ms") or "timestamp" in name:
        return rng.randrange(2**31)
    bits, signed = INTEGERS[kind]
    low = -(1 << bits - 1) if signed else 0
    return rng.choice((low, low + (1 << bits) - 1, 0, 1, rng.randrange(low, low + (1 << bits))))


@pytest.fixture(scope="session")
def random_message() -> MakeMessage:
    """Makes a random message of a class in a version, the same for the same generator state."""
    return random_struct
