"""kbroker/broker/changelog.py"""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from kbroker.broker import changelog as module
from kbroker.broker.broker import Broker
from kbroker.broker.changelog import Changelog
from kbroker.broker.internal_topics import create_offsets_topic
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.coordinator_batch import KeyValue
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader, iter_batches, records_of
from kbroker.state.java_strings import partition_for

NOW = 1_700_000_000_000


class Clock:
    def now_ms(self) -> int:
        return NOW


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with open_broker(BrokerConfig.of({}), tmp_path, Clock()) as broker:
        yield broker


@pytest.fixture
def changelog(broker: Broker) -> Changelog:
    topic = partial(create_offsets_topic, broker.topics, broker.config)
    return Changelog(topic, broker.partition, broker.clock)


async def written(broker: Broker, index: int) -> list[tuple[BatchHeader, list[KeyValue]]]:
    topic = broker.topics.get("__consumer_offsets")
    assert topic is not None
    store = (await broker.partition(topic, index)).store
    read = await store.read(0, 1_000_000)
    return [
        (header, [(record.key or b"", record.value) for record in records_of(batch)])
        for header, batch in iter_batches(read.records)
    ]


async def test_the_topic_is_made_when_it_is_needed(changelog: Changelog, broker: Broker) -> None:
    assert broker.topics.get("__consumer_offsets") is None
    assert await changelog.partition_of("g") == partition_for("g", 50)
    assert broker.topics.get("__consumer_offsets") is not None


async def test_keys_values_and_tombstones_are_there_to_read(changelog: Changelog, broker: Broker) -> None:
    await changelog.append("g", [(b"k", b"v"), (b"gone", None)])
    ((header, records),) = await written(broker, partition_for("g", 50))
    assert records == [(b"k", b"v"), (b"gone", None)]
    assert (header.base_sequence, header.producer_id, header.max_timestamp) == (0, -1, NOW)


async def test_a_transactional_batch_is_as_often_written_as_asked_for(
    changelog: Changelog, broker: Broker
) -> None:
    """A coordinator's sequence is always 0, which is no repetition."""
    for value in (b"1", b"2"):
        await changelog.append_transactional(0, [(b"k", value)], 5, 1)
    headers = [header for header, _ in await written(broker, 0)]
    assert [(header.is_transactional, header.base_offset) for header in headers] == [(True, 0), (True, 1)]
    with pytest.raises(KafkaError) as caught:
        await changelog.append_transactional(0, [(b"k", b"v")], 5, 0)
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_EPOCH


async def test_very_many_records_are_several_batches(
    changelog: Changelog, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BATCH_RECORDS", 2)
    keys = [bytes([number]) for number in range(5)]
    await changelog.append_to(0, [(key, None) for key in keys])
    batches = await written(broker, 0)
    assert [len(records) for _, records in batches] == [2, 2, 1]
    assert [key for _, records in batches for key, _ in records] == keys


async def test_log_append_time_is_the_topics_to_ask_for(changelog: Changelog, broker: Broker) -> None:
    await changelog.partition_of("g")
    topic = broker.topics.get("__consumer_offsets")
    assert topic is not None
    topic.config.message_timestamp_type = "LogAppendTime"
    await changelog.append_to(0, [(b"k", b"v")])
    ((header, _),) = await written(broker, 0)
    assert header.timestamp_type == 1


async def test_what_cannot_be_appended_is_known_to_be_missing(
    changelog: Changelog, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    partition = await changelog.partition(7)
    partition.store.log.fail(OSError(28, "disk full"))  # type: ignore[attr-defined]
    for _ in range(3):
        await changelog.append_to(7, [(b"k", b"v")])
    assert changelog.stale == {7}
    assert caplog.text.count("lacks a change") == 1
