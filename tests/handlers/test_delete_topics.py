"""DeleteTopics, as probed on Apache Kafka 4.3.1."""

from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.partition import Partition
from kbroker.embedded import open_broker
from kbroker.handlers import delete_topics
from kbroker.protocol.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.records import Record, encode_batch, parse_header

from .conftest import FixedClock, MakeContext, config_of

BY_NAME, BY_ID = 5, 6


class CrashError(Exception):
    """The process dies here."""


UNKNOWN_ID = bytes([1] * 16)


async def by_name(at: MakeContext, *names: str, timeout_ms: int = 5000) -> dict[str | None, int]:
    asked = DeleteTopicsRequest(topic_names=[*names], timeout_ms=timeout_ms)
    response = await delete_topics.handle(asked, at(BY_NAME))
    return {one.name: one.error_code for one in response.responses}


async def by_id(at: MakeContext, *topics: DeleteTopicState) -> list[tuple[str | None, bytes, int]]:
    response = await delete_topics.handle(DeleteTopicsRequest([*topics], timeout_ms=5000), at(BY_ID))
    return [(one.name, one.topic_id, one.error_code) for one in response.responses]


async def test_deleted_by_name(broker: Broker, at: MakeContext) -> None:
    await broker.topics.create("t", 1, {})
    assert await by_name(at, "t", "nope", "", ".") == {
        "t": ErrorCode.NONE,
        "nope": ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        "": ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ".": ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    }
    assert broker.topics.get("t") is None


async def test_what_is_said_of_a_topic_that_is_not_there(at: MakeContext) -> None:
    request = DeleteTopicsRequest(topics=[DeleteTopicState("nope")], timeout_ms=5000)
    (result,) = (await delete_topics.handle(request, at(BY_ID))).responses
    assert result.error_message == "This server does not host this topic-partition."


async def test_deleted_by_name_or_id_the_answer_has_both(broker: Broker, at: MakeContext) -> None:
    t = await broker.topics.create("t", 1, {})
    u = await broker.topics.create("u", 1, {})
    answers = await by_id(at, DeleteTopicState("t"), DeleteTopicState(None, u.topic_id))
    assert answers == [("t", t.topic_id, 0), ("u", u.topic_id, 0)]
    assert not broker.topics.all()


async def test_unknown_or_badly_named(broker: Broker, at: MakeContext) -> None:
    topic = await broker.topics.create("t", 1, {})
    assert await by_id(
        at,
        DeleteTopicState(None, UNKNOWN_ID),
        DeleteTopicState("nope"),
        DeleteTopicState("t", topic.topic_id),
        DeleteTopicState(),
    ) == [
        (None, UNKNOWN_ID, ErrorCode.UNKNOWN_TOPIC_ID),
        ("nope", bytes(16), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", topic.topic_id, ErrorCode.INVALID_REQUEST),
        (None, bytes(16), ErrorCode.INVALID_REQUEST),
    ]
    assert broker.topics.get("t") is topic


async def test_named_twice_is_not_deleted(broker: Broker, at: MakeContext) -> None:
    topic = await broker.topics.create("t", 1, {})
    assert await by_name(at, "t", "t") == {"t": ErrorCode.INVALID_REQUEST}
    assert await by_id(at, DeleteTopicState(None, UNKNOWN_ID), DeleteTopicState(None, UNKNOWN_ID)) == [
        (None, UNKNOWN_ID, ErrorCode.INVALID_REQUEST)
    ]
    answers = await by_id(at, DeleteTopicState("t"), DeleteTopicState(None, topic.topic_id))
    assert answers == [("t", topic.topic_id, ErrorCode.INVALID_REQUEST)]
    assert broker.topics.get("t") is topic


async def test_recreated_at_once_it_has_another_id_and_no_records(broker: Broker, at: MakeContext) -> None:
    old = await broker.topics.create("t", 1, {})
    assert await by_name(at, "t") == {"t": ErrorCode.NONE}
    new = await broker.topics.create("t", 1, {})
    assert new.topic_id != old.topic_id
    assert (await broker.partition(new, 0)).store.high_watermark == 0


async def test_after_a_crash_half_way_the_next_topic_of_the_name_is_empty(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metadata store has forgotten the topic when the process dies, and its log is still there."""

    async def die(topic: str, topic_id: bytes, partitions: int, *_: object) -> None:
        raise CrashError

    async with open_broker(config_of(), tmp_path, clock) as broker:
        topic = await broker.topics.create("t", 1, {})
        batch = encode_batch([Record(0, clock.now, b"k", b"v")])
        await (await broker.partition(topic, 0)).append(memoryview(batch), parse_header(batch))
        monkeypatch.setattr(broker._stores.logs, "delete_topic", die)
        with pytest.raises(CrashError):
            await broker.topics.delete(topic)
    async with open_broker(config_of(), tmp_path, clock) as broker:
        assert broker.topics.get("t") is None
        topic = await broker.topics.create("t", 1, {})
        assert (await broker.partition(topic, 0)).store.high_watermark == 0


async def test_a_waiting_request_hears_of_the_deletion(broker: Broker, at: MakeContext) -> None:
    class Waiter:
        heard = False

        def grown(self, partition: Partition, size: int) -> None:
            raise AssertionError

        def changed(self) -> None:
            self.heard = True

    topic = await broker.topics.create("t", 1, {})
    waiter = Waiter()
    (await broker.partition(topic, 0)).waiters.add(waiter)
    await by_name(at, "t")
    assert waiter.heard


async def test_no_time_at_all(broker: Broker, at: MakeContext) -> None:
    await broker.topics.create("t", 1, {})
    assert await by_name(at, "t", timeout_ms=0) == {"t": ErrorCode.REQUEST_TIMED_OUT}
    assert broker.topics.get("t") is not None


class TestSwitchedOff:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"delete.topic.enable": "false"}

    async def test_nothing_is_deleted(self, broker: Broker, at: MakeContext) -> None:
        await broker.topics.create("t", 1, {})
        assert await by_name(at, "t") == {"t": ErrorCode.TOPIC_DELETION_DISABLED}
        assert broker.topics.get("t") is not None
