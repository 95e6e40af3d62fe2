"""A replication factor that one broker can't reach: refused, or taken for one."""

from pathlib import Path

import pytest

from kbroker.broker.internal_topics import create_offsets_topic, create_transactions_topic
from kbroker.broker.replicas import replication_factor
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.handlers import create_topics, find_coordinator, metadata
from kbroker.protocol.create_topics import CreatableTopic, CreateTopicsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.find_coordinator import FindCoordinatorRequest
from kbroker.protocol.metadata import MetadataRequest, MetadataRequestTopic

from ..handlers.conftest import context


def test_one_is_all_there_is() -> None:
    strict, lenient = BrokerConfig.of(), BrokerConfig.of({"accept.any.replication.factor": "true"})
    for config in (strict, lenient):
        assert replication_factor(config, 1) == 1
    assert replication_factor(lenient, 3) == 1
    with pytest.raises(KafkaError) as refusal:
        replication_factor(strict, 2)
    assert refusal.value.code is ErrorCode.INVALID_REPLICATION_FACTOR


@pytest.mark.parametrize("accepted", [False, True])
async def test_wherever_a_topic_is_made(tmp_path: Path, accepted: bool) -> None:
    config = BrokerConfig.of(
        {
            "accept.any.replication.factor": str(accepted).lower(),
            "default.replication.factor": "3",
            "offsets.topic.replication.factor": "3",
            "transaction.state.log.replication.factor": "3",
        }
    )
    async with open_broker(config, tmp_path) as broker:
        for factor in (-1, 3):
            request = CreateTopicsRequest([CreatableTopic(f"t{factor}", 1, factor)], 1000)
            (made,) = (await create_topics.handle(request, context(broker, 7))).topics
            expected = (ErrorCode.NONE, 1) if accepted else (ErrorCode.INVALID_REPLICATION_FACTOR, -1)
            assert (made.error_code, made.replication_factor) == expected
        asked = MetadataRequest([MetadataRequestTopic(name="auto")], True)
        await metadata.handle(asked, context(broker, 9))
        assert (broker.topics.get("auto") is not None) == accepted
        for key_type in (0, 1):
            lookup = FindCoordinatorRequest(key_type=key_type, coordinator_keys=["g"])
            (coordinator,) = (await find_coordinator.handle(lookup, context(broker, 4))).coordinators
            assert coordinator.error_code == (0 if accepted else ErrorCode.COORDINATOR_NOT_AVAILABLE)


async def test_an_internal_topic_that_is_there_stays(tmp_path: Path) -> None:
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        await create_offsets_topic(broker.topics, broker.config)
    factors = ("offsets.topic.replication.factor", "transaction.state.log.replication.factor")
    async with open_broker(BrokerConfig.of(dict.fromkeys(factors, "3")), tmp_path) as broker:
        assert (await create_offsets_topic(broker.topics, broker.config)).internal
        with pytest.raises(KafkaError):
            await create_transactions_topic(broker.topics, broker.config)
