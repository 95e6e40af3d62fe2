"""Every message in every version, byte for byte against kio, an independent codec generated from Kafka's
schemas.

KBROKER_ORACLE_ROUNDS asks for more random messages of each (default 3).
"""

import dataclasses
import io
import os
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from kio.index import load_request_schema, load_response_schema
from kio.serial import entity_reader, entity_writer

from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.fields import field_specs, message_spec
from kbroker.protocol.schema import ZERO_UUID, reader, writer

ROUNDS = int(os.environ.get("KBROKER_ORACLE_ROUNDS", "3"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    """The version has the same fields in the same order, and each holds the same value."""
    if isinstance(ours, list):
        assert isinstance(theirs, tuple)
        for mine, other in zip(ours, theirs, strict=True):
            assert_same(mine, other, version)
    elif dataclasses.is_dataclass(theirs):
        present = [(name, spec) for name, spec in field_specs(type(ours)).items() if version in spec.versions]
        for (name, spec), other in zip(present, dataclasses.fields(theirs), strict=True):
            assert name.removesuffix("_ms") == other.name.removesuffix("_ms")
            assert spec.tag == other.metadata.get("tag")
            assert_same(getattr(ours, name), getattr(theirs, other.name), version)
    elif ours == ZERO_UUID:
        assert theirs in {None, uuid.UUID(int=0)}
    else:
        assert ours == as_plain(theirs)


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_same_bytes_and_same_fields_as_kio(api: Api, random_message: Callable[..., object]) -> None:
    for cls, load in ((api.request, load_request_schema), (api.response, load_response_schema)):
        versions = message_spec(cls).versions
        for version in range(versions.first, versions.last + 1):
            rng = random.Random(f"{cls.__name__} {version}")
            theirs = load(api.key, version)
            for _ in range(ROUNDS):
                message = random_message(rng, cls, version)
                encoded = b"".join(writer(cls, version)(message))
                decoded, size = entity_reader(theirs)(encoded, 0)
                assert size == len(encoded)
                assert_same(message, decoded, version)
                again = io.BytesIO()
                entity_writer(theirs)(again, decoded)
                assert again.getvalue() == encoded
                assert reader(cls, version)(memoryview(encoded)) == message
