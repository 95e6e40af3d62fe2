"""DescribeTopicPartitions, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_topic_partitions
from kbroker.protocol.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    TopicRequest,
)
from kbroker.protocol.error_codes import ErrorCode

from .conftest import NODE_ID, MakeContext

Page = tuple[list[tuple[str | None, list[int]]], tuple[str, int] | None]


@pytest.fixture
async def broker(broker: Broker) -> Broker:
    """With topics a, b and c of three partitions each."""
    for name in "bac":
        await broker.topics.create(name, 3, {})
    return broker


async def ask(
    at: MakeContext, names: str | list[str], limit: int = 2000, cursor: tuple[str, int] | None = None
) -> DescribeTopicPartitionsResponse:
    asked = DescribeTopicPartitionsRequest(
        [TopicRequest(name) for name in names], limit, None if cursor is None else Cursor(*cursor)
    )
    return await describe_topic_partitions.handle(asked, at(0))


def page(response: DescribeTopicPartitionsResponse) -> Page:
    cursor = response.next_cursor
    return (
        [(topic.name, [one.partition_index for one in topic.partitions]) for topic in response.topics],
        None if cursor is None else (cursor.topic_name, cursor.partition_index),
    )


async def test_a_partition_as_it_is_described(broker: Broker, at: MakeContext) -> None:
    (topic,) = (await ask(at, "a", 1)).topics
    assert topic.topic_id == broker.topics.get("a").topic_id  # type: ignore[union-attr]
    assert topic.topic_authorized_operations == 3576
    (partition,) = topic.partitions
    assert (partition.leader_id, partition.leader_epoch) == (NODE_ID, 0)
    assert partition.replica_nodes == partition.isr_nodes == [NODE_ID]
    assert partition.eligible_leader_replicas == partition.last_known_elr == partition.offline_replicas == []


@pytest.mark.parametrize(
    ("names", "limit", "cursor", "topics", "next_cursor"),
    [
        ("baa", 2000, None, [("a", [0, 1, 2]), ("b", [0, 1, 2])], None),
        ("ab", 4, None, [("a", [0, 1, 2]), ("b", [0])], ("b", 1)),
        ("ab", 3, None, [("a", [0, 1, 2])], ("b", 0)),
        ("ab", 2, ("a", 2), [("a", [2]), ("b", [0])], ("b", 1)),
        ("ab", 2, ("b", 0), [("b", [0, 1])], ("b", 2)),
        ("a", 0, None, [("a", [0])], ("a", 1)),
        ("a", -1, None, [("a", [0])], ("a", 1)),
        ("a", 2, ("a", 3), [("a", [])], None),
        ("a", 2, ("a", 30), [("a", [])], None),
        ("", 3, ("b", 1), [("b", [1, 2]), ("c", [0])], ("c", 1)),
        ("", 2000, None, [("a", [0, 1, 2]), ("b", [0, 1, 2]), ("c", [0, 1, 2])], None),
        (["a", "nope"], 3, None, [("a", [0, 1, 2])], ("nope", 0)),
        (["nope", "z"], 1, None, [("nope", []), ("z", [])], None),
        (["a", "nope"], 2, ("nope", 0), [("nope", [])], None),
    ],
)
async def test_pages(  # noqa: PLR0917
    at: MakeContext,
    names: str | list[str],
    limit: int,
    cursor: tuple[str, int] | None,
    topics: list[tuple[str, list[int]]],
    next_cursor: tuple[str, int] | None,
) -> None:
    assert page(await ask(at, names, limit, cursor)) == (topics, next_cursor)


async def test_errors_of_single_topics(at: MakeContext) -> None:
    response = await ask(at, ["nope", "a b", "a"])
    assert [(topic.name, topic.error_code) for topic in response.topics] == [
        ("a", 0),
        ("a b", ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("nope", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ]


@pytest.mark.parametrize("cursor", [("b", 0), ("z", 0), ("", 0), ("a", -1)])
async def test_a_cursor_that_makes_no_sense(at: MakeContext, cursor: tuple[str, int]) -> None:
    response = await ask(at, "ac", 2, cursor)
    assert [(topic.name, topic.error_code) for topic in response.topics] == [
        ("a", ErrorCode.INVALID_REQUEST),
        ("c", ErrorCode.INVALID_REQUEST),
    ]


async def test_an_empty_name_spoils_it_all(at: MakeContext) -> None:
    response = await ask(at, ["a", ""])
    assert {topic.error_code for topic in response.topics} == {ErrorCode.UNKNOWN_SERVER_ERROR}


class TestLimit:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"max.request.partition.size.limit": "2"}

    async def test_the_brokers_own_limit(self, at: MakeContext) -> None:
        assert page(await ask(at, "a")) == ([("a", [0, 1])], ("a", 2))
