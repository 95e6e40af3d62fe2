"""kbroker/handlers/offset_delete.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.join_group import handle as join
from kbroker.handlers.offset_delete import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
    OffsetDeleteResponse,
)
from kbroker.state.groups.commit import Committer
from kbroker.state.offsets import CommittedOffset

At = Callable[[int], RequestContext]
SUBSCRIPTION_TO_T = b"\x00\x00\x00\x00\x00\x01\x00\x01t\xff\xff\xff\xff"
SUBSCRIPTION_TO_U = b"\x00\x00\x00\x00\x00\x01\x00\x01u\xff\xff\xff\xff"


@pytest.fixture
async def broker(broker: Broker) -> Broker:
    """With a group g that has committed in partitions 0 and 1 of t."""
    topic = await broker.topics.create("t", 2, {})
    offset = CommittedOffset(42, 3, "", 0, -1, topic.topic_id)
    await broker.groups.offsets.commit(Committer("g"), {("t", 0): offset, ("t", 1): offset})
    return broker


def request(group_id: str = "g", *topics: tuple[str, list[int]]) -> OffsetDeleteRequest:
    return OffsetDeleteRequest(
        group_id,
        [
            OffsetDeleteRequestTopic(name, [OffsetDeleteRequestPartition(index) for index in indexes])
            for name, indexes in topics
        ],
    )


def answers(response: OffsetDeleteResponse) -> dict[str, list[tuple[int, int]]]:
    assert response.error_code == 0
    return {
        topic.name: [(one.partition_index, one.error_code) for one in topic.partitions]
        for topic in response.topics
    }


def left(broker: Broker) -> list[int]:
    group = broker.groups.get("g")
    assert group is not None
    return list(group.offsets.by_topic.get("t", {}))


async def joined(at: At, protocol_type: str, metadata: bytes) -> None:
    protocols = [JoinGroupRequestProtocol("range", metadata)]
    await join(JoinGroupRequest("g", 10_000, 60_000, "", None, protocol_type, protocols), at(3))


async def test_an_empty_groups_offsets(at: At, broker: Broker) -> None:
    response = await handle(request("g", ("t", [0, 9]), ("nope", [0])), at(0))
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert answers(response) == {"t": [(9, unknown), (0, 0)], "nope": [(0, unknown)]}
    assert left(broker) == [1]


async def test_a_topic_asked_for_twice(at: At) -> None:
    """As Apache Kafka: entries are only merged when something is unknown."""
    twice = await handle(request("g", ("t", [0]), ("t", [1])), at(0))
    assert [len(topic.partitions) for topic in twice.topics] == [1, 1]
    merged = await handle(request("g", ("t", [9]), ("t", [0]), ("t", [8])), at(0))
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert answers(merged) == {"t": [(9, unknown), (8, unknown), (0, 0)]}


@pytest.mark.parametrize("metadata", [SUBSCRIPTION_TO_T, b"nobody can read this"])
async def test_what_members_may_be_subscribed_to_stays(at: At, broker: Broker, metadata: bytes) -> None:
    await joined(at, "consumer", metadata)
    response = await handle(request("g", ("t", [0])), at(0))
    assert answers(response) == {"t": [(0, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)]}
    assert left(broker) == [0, 1]


async def test_what_members_do_not_subscribe_to_goes(at: At, broker: Broker) -> None:
    await joined(at, "consumer", SUBSCRIPTION_TO_U)
    assert answers(await handle(request("g", ("t", [0])), at(0))) == {"t": [(0, 0)]}
    assert left(broker) == [1]


async def test_errors_of_the_group(at: At) -> None:
    topics = ("t", [0])
    missing = OffsetDeleteResponse(error_code=ErrorCode.GROUP_ID_NOT_FOUND)
    assert await handle(request("other", topics), at(0)) == missing
    assert await handle(request("", topics), at(0)) == OffsetDeleteResponse(
        error_code=ErrorCode.INVALID_GROUP_ID
    )
    await joined(at, "connect", b"")
    assert await handle(request("g", topics), at(0)) == OffsetDeleteResponse(
        error_code=ErrorCode.NON_EMPTY_GROUP
    )
