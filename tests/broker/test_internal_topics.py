"""kbroker/broker/internal_topics.py"""

from pathlib import Path

import pytest

from kbroker.broker.internal_topics import create_offsets_topic, create_transactions_topic
from kbroker.broker.topics import TopicCatalog
from kbroker.clock import SystemClock
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker


async def test_it_is_as_large_as_set(tmp_path: Path) -> None:
    config = BrokerConfig.of({"offsets.topic.num.partitions": "3", "offsets.topic.segment.bytes": "2097152"})
    async with open_broker(config, tmp_path, SystemClock()) as broker:
        await create_offsets_topic(broker.topics, config)
        (topic,) = broker.topics.all()
    assert (topic.name, topic.partitions, topic.internal) == ("__consumer_offsets", 3, True)
    assert topic.configs == {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": "2097152",
    }


async def test_who_comes_second_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = BrokerConfig.of({})
    async with open_broker(config, tmp_path, SystemClock()) as broker:
        first = await create_offsets_topic(broker.topics, config)
        looks = iter([None, first])  # the first look comes before the other had made it
        monkeypatch.setattr(TopicCatalog, "get", lambda *_: next(looks))
        assert await create_offsets_topic(broker.topics, config) is first
        assert len(broker.topics.all()) == 1


async def test_transactions_have_theirs(tmp_path: Path) -> None:
    config = BrokerConfig.of(
        {
            "transaction.state.log.num.partitions": "7",
            "transaction.state.log.min.isr": "2",
            "transaction.state.log.segment.bytes": "2097152",
        }
    )
    async with open_broker(config, tmp_path, SystemClock()) as broker:
        topic = await create_transactions_topic(broker.topics, config)
        assert await create_transactions_topic(broker.topics, config) is topic
    assert (topic.name, topic.partitions, topic.internal) == ("__transaction_state", 7, True)
    assert topic.configs == {
        "cleanup.policy": "compact",
        "compression.type": "uncompressed",
        "min.insync.replicas": "2",
        "segment.bytes": "2097152",
        "unclean.leader.election.enable": "false",
    }
