"""ListConfigResources, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import list_config_resources
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.list_config_resources import ListConfigResourcesRequest

from .conftest import NODE_ID, MakeContext

TOPICS = [("a", 2), ("b", 2)]
NODE = [(str(NODE_ID), 4), (str(NODE_ID), 8)]


async def listed(
    broker: Broker, at: MakeContext, *types: int, version: int = 1
) -> tuple[int, list[tuple[str, int]]]:
    """The error code, and name and type of each resource, where there are two topics."""
    for name in ("a", "b"):
        await broker.topics.create(name, 1, {})
    response = await list_config_resources.handle(ListConfigResourcesRequest(list(types)), at(version))
    return response.error_code, [
        (each.resource_name, each.resource_type) for each in response.config_resources
    ]


@pytest.mark.parametrize(
    ("types", "resources"),
    [
        ((), TOPICS + NODE),
        ((2,), TOPICS),
        ((4,), NODE[:1]),
        ((8,), NODE[1:]),
        ((16,), []),
        ((32,), []),
        ((4, 2, 4), TOPICS + NODE[:1]),
    ],
)
async def test_each_type_once(
    broker: Broker, at: MakeContext, types: tuple[int, ...], resources: list[tuple[str, int]]
) -> None:
    assert await listed(broker, at, *types) == (0, resources)


@pytest.mark.parametrize("types", [(0,), (3,), (-1,), (127,), (2, 3)])
async def test_an_unknown_type_spoils_it_all(broker: Broker, at: MakeContext, types: tuple[int, ...]) -> None:
    assert await listed(broker, at, *types) == (ErrorCode.UNSUPPORTED_VERSION, [])


async def test_version_0_is_about_client_metrics(broker: Broker, at: MakeContext) -> None:
    assert await listed(broker, at, version=0) == (0, [])


async def test_groups_and_client_metrics_with_settings(broker: Broker, at: MakeContext) -> None:
    for kind in (16, 32):
        await broker.resource_configs.change(kind, f"of {kind}", lambda _: {"a": "1"})
    assert await listed(broker, at) == (0, TOPICS + NODE + [("of 16", 16), ("of 32", 32)])
    response = await list_config_resources.handle(ListConfigResourcesRequest([32]), at(1))
    assert [each.resource_name for each in response.config_resources] == ["of 32"]
    response = await list_config_resources.handle(ListConfigResourcesRequest(), at(0))
    assert [each.resource_name for each in response.config_resources] == ["of 16"]
