"""Clients pay for their requests and wait when they used too much: over simulated time they get what their quota is."""

from collections.abc import AsyncIterator
from pathlib import Path
from struct import pack
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from kbroker.broker.broker import Broker
from kbroker.broker.charge import charged
from kbroker.broker.context import Connection, Endpoint, RequestContext
from kbroker.config.broker_config import BrokerConfig
from kbroker.dispatch import Dispatcher
from kbroker.embedded import open_broker
from kbroker.protocol.apis import APIS
from kbroker.protocol.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kbroker.protocol.create_topics import CreatableTopic, CreateTopicsRequest
from kbroker.protocol.delete_topics import DeleteTopicsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic
from kbroker.protocol.heartbeat import HeartbeatRequest, HeartbeatResponse
from kbroker.protocol.metadata import MetadataRequest, MetadataRequestTopic
from kbroker.protocol.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kbroker.protocol.records import Record, encode_batch
from kbroker.protocol.schema import reader, writer
from kbroker.state.quotas.entity import entity_of

USER = entity_of([("user", "ANONYMOUS")])
BATCH = encode_batch([Record(0, 1_700_000_000_000, None, b"x" * 10_000)])


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with open_broker(BrokerConfig.of({"num.partitions": "1"}), tmp_path) as broker:
        await broker.topics.create("t", 1, {"retention.ms": "-1"})
        yield broker


class Client:
    """One that waits as it is muted."""

    def __init__(self, broker: Broker, name: str = "test") -> None:
        self.connection = Connection(1, "PLAINTEXT", Endpoint("localhost", 9092), "127.0.0.1")
        self.size = 0  # of the last request
        self._dispatcher = Dispatcher(broker)
        self._name = name.encode()

    async def call(self, request: Any, version: int) -> Any:
        """Ask, and return the answer without having waited."""
        api = next(each for each in APIS.values() if each.name + "Request" == type(request).__name__)
        header = pack(">hhih", api.key, version, 7, len(self._name)) + self._name
        header += b"\0" if api.is_flexible(version) else b""
        frame = bytearray(header + b"".join(writer(type(request), version)(request)))
        self.size = len(frame)

        async def before_wait() -> None:
            pass

        answer = await self._dispatcher.handle(memoryview(frame), self.connection, before_wait)
        if answer is None:
            return None
        body = b"".join(bytes(chunk) for chunk in answer)[9 if api.is_flexible(version) else 8 :]
        return reader(api.response, version)(body)

    @property
    def muted_ms(self) -> int:
        return round(max(0.0, self.connection.muted_until - trio.current_time()) * 1000)

    async def wait(self) -> None:
        await trio.sleep_until(self.connection.muted_until)
        self.connection.muted_until = 0.0

    async def produce(self, *, acks: int = -1, version: int = 9) -> Any:
        data = TopicProduceData("t", partition_data=[PartitionProduceData(0, BATCH)])
        return await self.call(ProduceRequest(None, acks, 1000, [data]), version)

    async def fetch(
        self,
        offset: int = 0,
        *,
        session: tuple[int, int] = (0, -1),
        max_wait_ms: int = 0,
        max_bytes: int = 1 << 20,
    ) -> Any:
        part = FetchPartition(0, fetch_offset=offset, partition_max_bytes=max_bytes)
        request = FetchRequest(
            max_wait_ms=max_wait_ms,
            min_bytes=1,
            max_bytes=max_bytes,
            session_id=session[0],
            session_epoch=session[1],
            topics=[FetchTopic("t", partitions=[part])],
        )
        return await self.call(request, 12)


async def limit(broker: Broker, **quotas: float | None) -> None:
    outcomes = await broker.quotas.alter([(USER, quotas)], validate_only=False)
    assert outcomes == {USER: None}


def records_of(response: Any) -> bytes:
    return b"".join(bytes(part.records or b"") for topic in response.responses for part in topic.partitions)


async def test_a_producer_gets_what_its_quota_allows(broker: Broker, autojump_clock: MockClock) -> None:
    await limit(broker, producer_byte_rate=50_000.0)
    client, sent = Client(broker), 0
    start = trio.current_time()
    while trio.current_time() - start < 300:
        response = await client.produce()
        sent += client.size
        assert response.throttle_time_ms == client.muted_ms
        await client.wait()
        await trio.sleep(0.001)
    assert sent / (trio.current_time() - start) == pytest.approx(50_000, rel=0.05)


async def test_a_burst_is_free_until_the_window_is_used_up(broker: Broker, autojump_clock: MockClock) -> None:
    await limit(broker, producer_byte_rate=50_000.0)
    client = Client(broker)
    throttled = [(await client.produce()).throttle_time_ms for _ in range(49)]
    assert not any(throttled)  # 49 requests are below 10 s of the quota
    (await client.produce(), await client.produce())
    assert client.muted_ms > 0


async def test_acks_0_is_muted_without_an_answer_and_pays_no_time(
    broker: Broker, autojump_clock: MockClock
) -> None:
    await limit(broker, producer_byte_rate=100.0, request_percentage=1e-9)
    client = Client(broker)
    assert await client.produce(acks=0) is None
    assert client.muted_ms > 60_000
    await limit(broker, producer_byte_rate=None)
    await client.wait()
    assert await client.produce(acks=0) is None
    assert client.muted_ms == 0


async def test_a_consumer_over_its_quota_gets_nothing_until_it_has_waited(
    broker: Broker, autojump_clock: MockClock
) -> None:
    producer = Client(broker)
    for _ in range(20):
        await producer.produce()
    await limit(broker, consumer_byte_rate=50_000.0)
    client = Client(broker)
    got, start, offset = 0, trio.current_time(), 0
    while trio.current_time() - start < 120:
        response = await client.fetch(offset % 20, max_bytes=1)  # a batch at a time
        assert response.throttle_time_ms == client.muted_ms
        if response.throttle_time_ms:
            assert response.responses == []
        got += len(records_of(response))
        offset += len(records_of(response)) // len(BATCH)
        await client.wait()
        await trio.sleep(0.001)
    assert got / (trio.current_time() - start) == pytest.approx(50_000, rel=0.1)


async def test_an_answer_is_no_larger_than_what_the_whole_window_allows(
    broker: Broker, autojump_clock: MockClock
) -> None:
    client = Client(broker)
    for _ in range(20):
        await client.produce()
    await limit(broker, consumer_byte_rate=5000.0)
    response = await client.fetch()  # what is around the records is too much
    assert response.throttle_time_ms < 20
    await client.wait()
    response = await client.fetch()
    assert response.throttle_time_ms == 0
    assert len(records_of(response)) == 50_000


async def test_a_throttled_fetch_makes_no_session_and_changes_none(
    broker: Broker, autojump_clock: MockClock
) -> None:
    producer = Client(broker)
    await producer.produce()
    client = Client(broker)
    opened = await client.fetch(session=(0, 0))
    session = opened.session_id
    assert session
    assert records_of(opened)
    await producer.produce()
    await limit(broker, consumer_byte_rate=500.0)
    await client.fetch()  # uses up the window
    await client.fetch()

    throttled = await client.fetch(1, session=(session, 1))
    assert throttled.throttle_time_ms > 0
    assert (throttled.error_code, throttled.session_id, throttled.responses) == (0, session, [])
    made = len(broker.fetch_sessions)
    full = await client.fetch(session=(0, 0))
    assert full.throttle_time_ms > 0
    assert (full.session_id, full.responses, len(broker.fetch_sessions)) == (0, [], made)

    await limit(broker, consumer_byte_rate=None)
    answer = await client.fetch(1, session=(session, 2))
    assert answer.responses[0].partitions[0].high_watermark == 2
    assert records_of(answer)


async def test_a_fetch_that_waits_pays_for_its_work_only(broker: Broker, autojump_clock: MockClock) -> None:
    await limit(broker, request_percentage=10.0)
    response = await Client(broker).fetch(max_wait_ms=100_000)
    assert response.throttle_time_ms == 0


async def test_request_time_is_paid_and_at_most_a_window_is_waited(
    broker: Broker, autojump_clock: MockClock
) -> None:
    client = Client(broker)
    await limit(broker, request_percentage=1e-9)
    heartbeat = HeartbeatRequest("g", 1, "m")
    response = await client.call(heartbeat, 3)
    assert response.error_code == ErrorCode.UNKNOWN_MEMBER_ID
    assert response.throttle_time_ms == client.muted_ms == 1000
    old = await client.call(heartbeat, 0)  # has no field to tell it
    assert old.throttle_time_ms == 0
    assert client.muted_ms == 1000
    assert (await client.fetch()).throttle_time_ms == 1000


async def test_an_answer_that_is_shared_is_not_written_to(broker: Broker, autojump_clock: MockClock) -> None:
    shared = HeartbeatResponse()
    await limit(broker, request_percentage=1e-9)

    async def handle(request: Any, ctx: RequestContext) -> HeartbeatResponse:
        return shared

    async def before_wait() -> None:
        pass

    ctx = RequestContext(broker, Client(broker).connection, 12, 3, 1, None, before_wait)
    assert (await charged(handle, None, ctx, 10)).throttle_time_ms == 1000
    assert shared.throttle_time_ms == 0


async def test_others_are_not_throttled(broker: Broker, autojump_clock: MockClock) -> None:
    await limit(broker, producer_byte_rate=1.0)
    other = Client(broker)
    other.connection.principal = "User:alice"
    assert (await other.produce()).throttle_time_ms == 0
    assert (await Client(broker).produce()).throttle_time_ms > 0


async def test_client_ids_share_what_their_user_has(broker: Broker, autojump_clock: MockClock) -> None:
    await limit(broker, producer_byte_rate=1100.0)
    one, other = Client(broker, "one"), Client(broker, "other")
    assert (await one.produce()).throttle_time_ms == 0
    assert (await other.produce()).throttle_time_ms > 0


class TestMutations:
    """One partition a second: eleven at once."""

    async def create(self, client: Client, name: str, partitions: int, version: int = 6, **given: Any) -> Any:
        topic = CreatableTopic(name, partitions, 1)
        return await client.call(CreateTopicsRequest([topic], 1000, **given), version)

    async def test_created_until_tokens_are_owed(self, broker: Broker, autojump_clock: MockClock) -> None:
        await limit(broker, controller_mutation_rate=1.0)
        client = Client(broker)
        first = await self.create(client, "a", 14)
        assert (first.topics[0].error_code, first.throttle_time_ms) == (0, 0)
        second = await self.create(client, "b", 1)
        assert second.topics[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
        assert second.throttle_time_ms == client.muted_ms == 3000
        assert broker.topics.get("b") is None
        await client.wait()
        assert (await self.create(client, "b", 1)).topics[0].error_code == 0

    async def test_validation_costs_as_much(self, broker: Broker, autojump_clock: MockClock) -> None:
        await limit(broker, controller_mutation_rate=1.0)
        client = Client(broker)
        await self.create(client, "a", 12, validate_only=True)
        refused = await self.create(client, "a", 1)
        assert refused.topics[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED

    async def test_old_clients_are_served_and_wait(self, broker: Broker, autojump_clock: MockClock) -> None:
        await limit(broker, controller_mutation_rate=1.0)
        client = Client(broker)
        response = await self.create(client, "a", 13, version=5)
        assert (response.topics[0].error_code, response.throttle_time_ms, client.muted_ms) == (0, 2000, 2000)
        response = await self.create(client, "b", 1, version=5)
        assert (response.topics[0].error_code, response.throttle_time_ms) == (0, 3000)

    async def test_partitions_added_and_topics_deleted(
        self, broker: Broker, autojump_clock: MockClock
    ) -> None:
        await broker.topics.create("d", 1, {})
        await limit(broker, controller_mutation_rate=1.0)
        client = Client(broker)
        more = CreatePartitionsRequest([CreatePartitionsTopic("t", 14, None)], 1000)
        assert (await client.call(more, 3)).results[0].error_code == 0
        again = CreatePartitionsRequest([CreatePartitionsTopic("t", 15, None)], 1000)
        refused = await client.call(again, 3)
        assert refused.results[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
        assert refused.throttle_time_ms == 2000
        deleted = await client.call(DeleteTopicsRequest(topic_names=["d"], timeout_ms=1000), 5)
        assert deleted.responses[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
        old = await client.call(DeleteTopicsRequest(topic_names=["d"], timeout_ms=1000), 4)
        assert (old.responses[0].error_code, old.throttle_time_ms) == (0, 3000)
        older = await client.call(again, 2)
        assert (older.results[0].error_code, older.throttle_time_ms) == (0, 4000)

    async def test_topics_made_by_the_way(self, broker: Broker, autojump_clock: MockClock) -> None:
        await limit(broker, controller_mutation_rate=1.0)
        client = Client(broker)
        await self.create(client, "a", 12)
        asked = MetadataRequest([MetadataRequestTopic(name="b")], allow_auto_topic_creation=True)
        response = await client.call(asked, 9)
        assert response.throttle_time_ms == 0
        assert broker.topics.get("b") is None
        await trio.sleep(1)
        await client.call(asked, 9)
        assert broker.topics.get("b") is not None
