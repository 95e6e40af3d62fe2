"""Metadata, as probed on Apache Kafka 4.3.1; what differs says so."""

import pytest
import trio
from trio.testing import MockClock

from kbroker.broker.broker import Broker
from kbroker.handlers import metadata
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
)

from .conftest import NODE_ID, MakeContext

BY_NAME, BY_ID = 8, 13
UNKNOWN_ID = bytes([1] * 16)


def named(*names: str | None) -> list[MetadataRequestTopic]:
    return [MetadataRequestTopic(name=name) for name in names]


def identified(*topic_ids: bytes) -> list[MetadataRequestTopic]:
    return [MetadataRequestTopic(topic_id, None) for topic_id in topic_ids]


async def ask(
    at: MakeContext, topics: list[MetadataRequestTopic] | None, version: int, *, create: bool = False
) -> MetadataResponse:
    return await metadata.handle(MetadataRequest(topics, allow_auto_topic_creation=create), at(version))


def answered(response: MetadataResponse) -> list[tuple[str | None, int]]:
    return [(topic.name, topic.error_code) for topic in response.topics]


@pytest.fixture
async def two(broker: Broker) -> Broker:
    """Topics t with two partitions, and u."""
    await broker.topics.create("t", 2, {})
    await broker.topics.create("u", 1, {})
    return broker


async def test_the_broker_leads_everything_from_where_its_listener_says(two: Broker, at: MakeContext) -> None:
    response = await ask(at, named("t"), BY_NAME)
    assert response.brokers == [MetadataResponseBroker(NODE_ID, "localhost", 9092, None)]
    assert (response.cluster_id, response.controller_id) == (two.cluster_id, NODE_ID)
    (topic,) = response.topics
    assert topic.partitions == [
        MetadataResponsePartition(0, index, NODE_ID, 0, [NODE_ID], [NODE_ID], []) for index in (0, 1)
    ]
    assert topic.topic_id == two.topics.get("t").topic_id  # type: ignore[union-attr]
    assert not topic.is_internal


@pytest.mark.parametrize(("version", "empty_list"), [(0, ["t", "u"]), (1, []), (13, [])])
async def test_null_is_all_and_empty_is_none_but_all_in_v0(
    two: Broker, at: MakeContext, version: int, empty_list: list[str]
) -> None:
    assert [topic.name for topic in (await ask(at, [], version)).topics] == empty_list
    assert [topic.name for topic in (await ask(at, None, version)).topics] == ["t", "u"]


async def test_a_name_asked_for_twice_is_answered_once(two: Broker, at: MakeContext) -> None:
    assert answered(await ask(at, named("t", "t"), BY_NAME)) == [("t", 0)]


async def test_existing_topics_come_first(two: Broker, at: MakeContext) -> None:
    response = await ask(at, named("nope", "a b", "t"), BY_NAME)
    assert answered(response) == [
        ("t", 0),
        ("nope", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("a b", ErrorCode.INVALID_TOPIC_EXCEPTION),
    ]


async def test_an_internal_topic_is_marked_even_if_it_does_not_exist(at: MakeContext) -> None:
    (topic,) = (await ask(at, named("__consumer_offsets"), BY_NAME)).topics
    assert topic.is_internal


async def test_by_id(two: Broker, at: MakeContext) -> None:
    topic_id = two.topics.get("t").topic_id  # type: ignore[union-attr]
    response = await ask(at, identified(topic_id, UNKNOWN_ID, topic_id), BY_ID)
    assert answered(response) == [(None, ErrorCode.UNKNOWN_TOPIC_ID), ("t", 0)]
    assert response.topics[0].topic_id == UNKNOWN_ID


async def test_if_an_id_is_asked_for_names_are_not_answered(two: Broker, at: MakeContext) -> None:
    topic_id = two.topics.get("t").topic_id  # type: ignore[union-attr]
    mixed = [MetadataRequestTopic(topic_id, "u"), *named("u")]
    assert answered(await ask(at, mixed, BY_ID)) == [("t", 0)]


@pytest.mark.parametrize("version", [10, 11])
async def test_ids_have_a_field_before_they_may_be_used(two: Broker, at: MakeContext, version: int) -> None:
    topic_id = two.topics.get("t").topic_id  # type: ignore[union-attr]
    for asked in (identified(topic_id), [MetadataRequestTopic(topic_id, "t")], named(None)):
        response = await ask(at, asked, version)
        assert answered(response) == [(asked[0].name or "", ErrorCode.INVALID_REQUEST)]
        assert (response.brokers, response.cluster_id, response.controller_id) == ([], None, -1)


async def test_neither_name_nor_id(at: MakeContext) -> None:
    response = await ask(at, named(None), BY_ID)
    assert answered(response) == [("", ErrorCode.UNKNOWN_SERVER_ERROR)]
    assert response.error_code == ErrorCode.UNKNOWN_SERVER_ERROR


async def test_operations_when_asked_for(two: Broker, at: MakeContext) -> None:
    request = MetadataRequest(named("t", "nope"), False, True, True)
    response = await metadata.handle(request, at(BY_NAME))
    assert [topic.topic_authorized_operations for topic in response.topics] == [3576, 3576]
    assert response.cluster_authorized_operations == 8096
    response = await ask(at, named("t"), BY_NAME)
    assert response.topics[0].topic_authorized_operations == -(2**31)
    assert response.cluster_authorized_operations == -(2**31)


async def test_a_topic_is_created_and_answered_with_its_leader_at_once(
    broker: Broker, at: MakeContext
) -> None:
    """Where Apache Kafka answers UNKNOWN_TOPIC_OR_PARTITION until its controller has created it."""
    (topic,) = (await ask(at, named("new"), BY_NAME, create=True)).topics
    assert (topic.error_code, topic.partitions[0].leader_id) == (0, NODE_ID)
    assert broker.topics.get("new") is not None


async def test_a_topic_just_deleted_is_not_found_by_who_asks_whether_it_is_gone(
    two: Broker, at: MakeContext, autojump_clock: MockClock
) -> None:
    """kafka-go's client has no other way to ask than one that may create the topic."""
    topic = two.topics.get("t")
    assert topic is not None
    await two.topics.delete(topic)
    response = await ask(at, named("t"), BY_NAME, create=True)
    assert answered(response) == [("t", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]
    response = await ask(at, named("t"), BY_NAME, create=True)
    assert answered(response) == [("t", 0)]
    again = two.topics.get("t")
    assert again is not None
    await two.topics.delete(again)
    await trio.sleep(5)
    assert answered(await ask(at, named("t"), BY_NAME, create=True)) == [("t", 0)]


@pytest.mark.parametrize("name", ["__consumer_offsets", "__transaction_state"])
async def test_an_internal_topic_is_created_with_its_own_settings(
    broker: Broker, at: MakeContext, name: str
) -> None:
    (topic,) = (await ask(at, named(name), BY_NAME, create=True)).topics
    assert (topic.error_code, topic.is_internal, len(topic.partitions)) == (0, True, 50)
    created = broker.topics.get(name)
    assert created is not None
    assert created.configs["cleanup.policy"] == "compact"


async def test_with_creation_invalid_names_come_before_those_of_topics_to_be(
    two: Broker, at: MakeContext
) -> None:
    response = await ask(at, named("a_b", "a b", "t", "a.b"), BY_NAME, create=True)
    assert answered(response) == [
        ("a_b", 0),
        ("t", 0),
        ("a b", ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("a.b", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ]


async def test_no_creation_unless_the_client_allows_it(broker: Broker, at: MakeContext) -> None:
    assert answered(await ask(at, named("new"), BY_NAME)) == [("new", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]
    assert not broker.topics.all()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a b", ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("a_b", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("__share_group_state", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
async def test_names_that_are_not_created(
    broker: Broker, at: MakeContext, name: str, code: ErrorCode
) -> None:
    await broker.topics.create("a.b", 1, {})
    assert answered(await ask(at, named(name), BY_NAME, create=True)) == [(name, code)]
    assert broker.topics.get(name) is None


class TestNoAutoCreation:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"auto.create.topics.enable": "false"}

    async def test_no_creation_unless_the_broker_allows_it(self, broker: Broker, at: MakeContext) -> None:
        response = await ask(at, named("new"), BY_NAME, create=True)
        assert answered(response) == [("new", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]
        assert not broker.topics.all()


class TestTooHighADefault:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"default.replication.factor": "3"}

    async def test_no_creation_with_more_replicas_than_brokers(self, broker: Broker, at: MakeContext) -> None:
        response = await ask(at, named("new"), BY_NAME, create=True)
        assert answered(response) == [("new", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]
        assert not broker.topics.all()


class TestDefaults:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"num.partitions": "4", "broker.rack": "r1"}

    async def test_num_partitions_and_rack(self, at: MakeContext) -> None:
        response = await ask(at, named("new"), BY_NAME, create=True)
        assert len(response.topics[0].partitions) == 4
        assert response.brokers[0].rack == "r1"
