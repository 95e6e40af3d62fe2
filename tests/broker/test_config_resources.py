"""Which resources settings belong to, and the rules between them."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.config_resources import alter, check_node, unsupported
from kbroker.config.broker_config import CLUSTER_WIDE_RESOURCE, BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.config_changes import ListDefault, ResourceType


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with open_broker(BrokerConfig.of({"node.id": "1"}), tmp_path) as broker:
        yield broker


class Change:
    """Sets one thing, and notes what defaults of lists it was offered."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value
        self.list_default: str | None = None

    def __call__(self, before: Mapping[str, str], list_default: ListDefault) -> dict[str, str]:
        self.list_default = list_default(self.name)
        return {**before, self.name: self.value}


@pytest.mark.parametrize(
    ("kind", "resource", "name", "value", "list_default"),
    [
        (ResourceType.TOPIC, "t", "cleanup.policy", "compact", "delete"),
        (ResourceType.TOPIC, "t", "retention.ms", "5", None),
        (ResourceType.BROKER, "1", "log.cleanup.policy", "compact", "delete"),
        (ResourceType.BROKER, CLUSTER_WIDE_RESOURCE, "log.retention.ms", "5", None),
        (ResourceType.BROKER, "1", "of.a.plugin", "5", None),
    ],
)
async def test_a_change_sees_the_defaults_of_its_kind_of_resource(  # noqa: PLR0917
    broker: Broker, kind: ResourceType, resource: str, name: str, value: str, list_default: str | None
) -> None:
    await broker.topics.create("t", 1, {})
    change = Change(name, value)
    await alter(broker, kind, resource, change, validate_only=False)
    assert change.list_default == list_default


async def test_validating_a_change_makes_it_without_keeping_it(broker: Broker) -> None:
    await alter(broker, ResourceType.BROKER, "1", Change("log.retention.ms", "5"), validate_only=True)
    assert dict(broker.config.dynamic("1")) == {}


async def test_min_insync_replicas_is_the_clusters_or_a_topics(broker: Broker) -> None:
    change = Change("min.insync.replicas", "2")
    with pytest.raises(KafkaError) as caught:
        await alter(broker, ResourceType.BROKER, "1", change, validate_only=False)
    assert caught.value.code == ErrorCode.INVALID_CONFIG
    await alter(broker, ResourceType.BROKER, CLUSTER_WIDE_RESOURCE, change, validate_only=False)
    topic = await broker.topics.create("t", 1, {})
    assert topic.config.min_insync_replicas == 2


async def test_without_eligible_leader_replicas_a_broker_may_have_its_own(broker: Broker) -> None:
    await broker.features.finalize({"eligible.leader.replicas.version": 0})
    await alter(broker, ResourceType.BROKER, "1", Change("min.insync.replicas", "2"), validate_only=False)
    assert broker.config.int("min.insync.replicas") == 2


async def test_threads_at_most_double(broker: Broker) -> None:
    with pytest.raises(KafkaError):
        await alter(broker, ResourceType.BROKER, "1", Change("num.io.threads", "17"), validate_only=False)
    await alter(broker, ResourceType.BROKER, "1", Change("num.io.threads", "16"), validate_only=False)


@pytest.mark.parametrize("name", ["2", "-1", "x", ""])
async def test_only_this_node_is_known(broker: Broker, name: str) -> None:
    check_node(broker, "1")
    with pytest.raises(KafkaError) as caught:
        check_node(broker, name)
    assert caught.value.code == ErrorCode.INVALID_REQUEST


def test_types_without_settings_are_named() -> None:
    assert "GROUP" in (unsupported(ResourceType.GROUP).message or "")
    assert "77" in (unsupported(77).message or "")
