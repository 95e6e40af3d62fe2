"""Every message in every version, byte for byte against kio, an independent codec generated from Kafka's schemas.

KBROKER_ORACLE_ROUNDS asks for more random messages of each (default 3).
"""

import dataclasses
import io
import os
import random
import typing
import uuid
from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from kio.index import load_request_schema, load_response_schema
from kio.serial import entity_reader, entity_writer

from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.fields import ArrayOf, FieldSpec, field_specs, message_spec
from kbroker.protocol.schema import ZERO_UUID, reader, writer

ROUNDS = int(os.environ.get("KBROKER_ORACLE_ROUNDS", "3"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INTEGERS = {"int8": (8, True), "int16": (16, True), "uint16": (16, False), "int32": (32, True), "int64": (64, True)}
TEXTS = ["", "a", "topic-1", "snowman \N{SNOWMAN}", "\N{SMILING FACE WITH OPEN MOUTH}", "x" * 126, "y" * 127, "z" * 300]


def oracle_fields(cls: type) -> list[tuple[dataclasses.Field[object], type | None]]:
    """kio's fields with the class of nested entities."""
    hints = typing.get_type_hints(cls)
    return [(f, nested_class(hints[f.name])) for f in dataclasses.fields(cls)]


def nested_class(hint: object) -> type | None:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint
    return next((found for arg in typing.get_args(hint) if (found := nested_class(arg))), None)


def paired_fields(ours: type, theirs: type, version: int) -> list[tuple[str, FieldSpec, str, str | None, type | None]]:
    """Our fields that exist in a version beside kio's: they must be the same ones in the same order."""
    present = [(name, spec) for name, spec in field_specs(ours).items() if version in spec.versions]
    others = oracle_fields(theirs)
    names = [f.name for f, _ in others]
    assert [name.removesuffix("_ms") for name, _ in present] == [name.removesuffix("_ms") for name in names]
    for (_, spec), (f, _) in zip(present, others, strict=True):
        assert spec.tag == f.metadata.get("tag")
    return [
        (name, spec, f.name, f.metadata.get("kafka_type"), nested)
        for (name, spec), (f, nested) in zip(present, others, strict=True)
    ]


def random_struct(rng: random.Random, ours: type, theirs: type, version: int) -> object:
    values = {}
    for name, spec, _, kind, nested in paired_fields(ours, theirs, version):
        if spec.tag is not None and rng.random() < 0.3:
            continue
        if version in spec.nullable and rng.random() < 0.25:
            values[name] = None
        else:
            values[name] = random_value(rng, spec.kind, kind, nested, version)
    return ours(**values)


def random_value(rng: random.Random, kind: object, oracle_kind: str | None, nested: type | None, version: int) -> object:
    if isinstance(kind, ArrayOf):
        return [random_value(rng, kind.item, oracle_kind, nested, version) for _ in range(rng.choice((0, 1, 2, 3)))]
    if isinstance(kind, type):
        assert nested is not None
        return random_struct(rng, kind, nested, version)
    if oracle_kind == "error_code":
        return rng.choice(list(ErrorCode)).value
    if oracle_kind is not None and oracle_kind.startswith(("timedelta", "datetime")):
        return rng.randrange(2**31)
    if kind in INTEGERS:
        bits, signed = INTEGERS[str(kind)]
        low = -(1 << bits - 1) if signed else 0
        return rng.choice((low, low + (1 << bits) - 1, 0, 1, rng.randrange(low, low + (1 << bits))))
    make = {
        "bool": lambda: rng.random() < 0.5,
        "float64": lambda: rng.uniform(-1e9, 1e9),
        "uuid": lambda: rng.choice((ZERO_UUID, rng.randbytes(16))),
        "string": lambda: rng.choice(TEXTS),
        "bytes": lambda: rng.randbytes(rng.choice((0, 1, 127, 200))),
        "records": lambda: rng.randbytes(rng.choice((0, 1, 200, 5000))),
    }[str(kind)]
    return make()


def as_plain(value: object) -> object:
    """kio's value types as what is on the wire."""
    if isinstance(value, timedelta):
        return value // timedelta(milliseconds=1)
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, Enum):
        return value.value
    return value


def assert_same(ours: object, theirs: object, version: int) -> None:
    """Each field holds the same value under the same name."""
    if isinstance(ours, list):
        assert isinstance(theirs, tuple)
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert_same(mine, other, version)
    elif dataclasses.is_dataclass(theirs):
        for name, _, oracle_name, _, _ in paired_fields(type(ours), type(theirs), version):
            assert_same(getattr(ours, name), getattr(theirs, oracle_name), version)
    elif ours == ZERO_UUID:
        assert theirs in {None, uuid.UUID(int=0)}
    else:
        assert ours == as_plain(theirs)


def check(ours: type, theirs: type, version: int, rng: random.Random) -> None:
    message = random_struct(rng, ours, theirs, version)
    encoded = b"".join(writer(ours, version)(message))
    decoded, size = entity_reader(theirs)(encoded, 0)
    assert size == len(encoded)
    assert_same(message, decoded, version)
    again = io.BytesIO()
    entity_writer(theirs)(again, decoded)
    assert again.getvalue() == encoded
    assert reader(ours, version)(memoryview(encoded)) == message


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_same_bytes_and_same_fields_as_kio(api: Api) -> None:
    for ours, load in ((api.request, load_request_schema), (api.response, load_response_schema)):
        versions = message_spec(ours).versions
        for version in range(versions.first, versions.last + 1):
            rng = random.Random(f"{ours.__name__} {version}")
            for _ in range(ROUNDS):
                check(ours, load(api.key, version), version, rng)
