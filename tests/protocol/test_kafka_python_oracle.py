"""Byte for byte against kafka-python's own schemas, in every version that it has too."""

import importlib
import pkgutil
import random
from collections.abc import Callable, Iterator
from typing import Any

import kafka.protocol
import pytest
from kafka.protocol.data_container import DataContainer

from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.consumer_protocol import ConsumerProtocolAssignment, ConsumerProtocolSubscription
from kbroker.protocol.fields import message_spec
from kbroker.protocol.schema import reader, writer


def subclasses(cls: type) -> Iterator[type]:
    for sub in cls.__subclasses__():
        yield sub
        yield from subclasses(sub)


@pytest.fixture(scope="module")
def kafka_python() -> dict[str, Any]:
    """kafka-python's message classes by name."""
    for module in pkgutil.walk_packages(kafka.protocol.__path__, "kafka.protocol."):
        if ".old" not in module.name:
            importlib.import_module(module.name)
    return {cls.__name__: cls for cls in subclasses(DataContainer)}


UNKNOWN_TO_KAFKA_PYTHON = {
    "AddRaftVoter", "AlterShareGroupOffsets", "ConsumerGroupDescribe", "ConsumerGroupHeartbeat",
    "CreateDelegationToken", "DeleteShareGroupOffsets", "DescribeDelegationToken", "DescribeShareGroupOffsets",
    "ExpireDelegationToken", "RemoveRaftVoter", "RenewDelegationToken", "ShareAcknowledge", "ShareFetch",
    "ShareGroupDescribe", "ShareGroupHeartbeat",
    "StreamsGroupDescribe", "StreamsGroupHeartbeat", "UnregisterBroker",
}  # fmt: skip
ADAPTED_BY_KAFKA_PYTHON = {
    "ApiVersions",
    "DeleteTopics",
}  # it changes what it decodes, so nothing can be compared


@pytest.mark.parametrize(
    "api",
    [api for api in APIS.values() if api.name not in UNKNOWN_TO_KAFKA_PYTHON | ADAPTED_BY_KAFKA_PYTHON],
    ids=lambda api: api.name,
)
def test_same_bytes_as_kafka_python(
    api: Api, kafka_python: dict[str, Any], random_message: Callable[..., object]
) -> None:
    for cls in (api.request, api.response):
        theirs = kafka_python[cls.__name__]
        versions = message_spec(cls).versions
        for version in range(max(versions.first, theirs.valid_versions[0]), theirs.valid_versions[1] + 1):
            message = random_message(random.Random(f"{cls.__name__} {version}"), cls, version)
            encoded = b"".join(writer(cls, version)(message))
            assert bytes(theirs.decode(encoded, version=version).encode()) == encoded


@pytest.mark.parametrize("cls", [ConsumerProtocolSubscription, ConsumerProtocolAssignment])
def test_consumer_protocol_as_kafka_python(
    cls: type, kafka_python: dict[str, Any], random_message: Callable[..., object]
) -> None:
    theirs = kafka_python[cls.__name__]
    for version in range(4):
        message = random_message(random.Random(version), cls, version)
        encoded = b"".join(writer(cls, version)(message))
        decoded = theirs.decode(encoded, version=version, header=False)
        assert bytes(decoded.encode(version=version, header=False)) == encoded
        assert reader(cls, version)(memoryview(encoded)) == message
