"""kbroker/handlers/offset_fetch.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.offset_fetch import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from kbroker.state.groups.commit import Committer
from kbroker.state.offsets import CommittedOffset

At = Callable[[int], RequestContext]
NO_ID = bytes(16)
UNKNOWN_ID = b"\x07" * 16


@pytest.fixture
async def topic_id(broker: Broker) -> bytes:
    """The id of topic t, in which group g has committed 42 in partition 0."""
    topic = await broker.topics.create("t", 2, {})
    offset = CommittedOffset(42, 3, "note", 0, -1, topic.topic_id)
    await broker.groups.offsets.commit(Committer("g"), {("t", 0): offset})
    return topic.topic_id


@pytest.mark.parametrize("version", range(1, 8))
async def test_one_group(at: At, topic_id: bytes, version: int) -> None:
    topics = [OffsetFetchRequestTopic("t", [1, 0, 9]), OffsetFetchRequestTopic("nope", [0])]
    none = [-1, -1, "", 0]
    assert await handle(OffsetFetchRequest("g", topics), at(version)) == OffsetFetchResponse(
        topics=[
            OffsetFetchResponseTopic(
                "t",
                [
                    OffsetFetchResponsePartition(1, *none),
                    OffsetFetchResponsePartition(0, 42, 3, "note", 0),
                    OffsetFetchResponsePartition(9, *none),
                ],
            ),
            OffsetFetchResponseTopic("nope", [OffsetFetchResponsePartition(0, *none)]),
        ]
    )


@pytest.mark.parametrize("version", range(2, 8))
async def test_all_that_one_group_has_committed(at: At, topic_id: bytes, version: int) -> None:
    everything = [OffsetFetchResponseTopic("t", [OffsetFetchResponsePartition(0, 42, 3, "note", 0)])]
    assert await handle(OffsetFetchRequest("g", None), at(version)) == OffsetFetchResponse(topics=everything)
    assert await handle(OffsetFetchRequest("other", None), at(version)) == OffsetFetchResponse()


@pytest.mark.parametrize("version", [8, 9, 10])
async def test_many_groups(at: At, topic_id: bytes, version: int) -> None:
    name, asked_id = ("", topic_id) if version >= 10 else ("t", NO_ID)
    topics = [OffsetFetchRequestTopics(name, asked_id, [0, 1])]
    request = OffsetFetchRequest(
        groups=[
            OffsetFetchRequestGroup("g", "m", 4, topics),
            OffsetFetchRequestGroup("other", None, -1, topics),
        ],
        require_stable=True,
    )
    none = OffsetFetchResponsePartitions(1, -1, -1, "", 0)
    response = await handle(request, at(version))
    assert [(group.group_id, group.error_code) for group in response.groups] == [("g", 0), ("other", 0)]
    ours, others = (group.topics[0].partitions for group in response.groups)
    assert ours == [OffsetFetchResponsePartitions(0, 42, 3, "note", 0), none]
    assert others == [OffsetFetchResponsePartitions(0, -1, -1, "", 0), none]
    assert response.groups[0].topics[0].topic_id == asked_id


@pytest.mark.parametrize("version", [8, 9, 10])
async def test_all_that_many_groups_have_committed(at: At, topic_id: bytes, version: int) -> None:
    request = OffsetFetchRequest(
        groups=[OffsetFetchRequestGroup("g", topics=None), OffsetFetchRequestGroup("other", topics=None)]
    )
    partitions = [OffsetFetchResponsePartitions(0, 42, 3, "note", 0)]
    assert (await handle(request, at(version))).groups == [
        OffsetFetchResponseGroup("g", [OffsetFetchResponseTopics("t", topic_id, partitions)]),
        OffsetFetchResponseGroup("other", []),
    ]


async def test_an_unknown_topic_id(at: At, topic_id: bytes) -> None:
    topics = [OffsetFetchRequestTopics("", UNKNOWN_ID, [0])]
    response = await handle(OffsetFetchRequest(groups=[OffsetFetchRequestGroup("g", topics=topics)]), at(10))
    assert response.groups[0].topics == [
        OffsetFetchResponseTopics(
            "", UNKNOWN_ID, [OffsetFetchResponsePartitions(0, -1, -1, "", ErrorCode.UNKNOWN_TOPIC_ID)]
        )
    ]


async def test_offsets_go_with_their_topic(at: At, broker: Broker, topic_id: bytes) -> None:
    topic = broker.topics.get("t")
    assert topic is not None
    await broker.topics.delete(topic)
    await broker.topics.create("t", 2, {})
    response = await handle(OffsetFetchRequest("g", [OffsetFetchRequestTopic("t", [0])]), at(7))
    assert response.topics[0].partitions == [OffsetFetchResponsePartition(0, -1, -1, "", 0)]


@pytest.mark.parametrize(("stable", "expected"), [(True, (-1, 88)), (False, (42, 0))])
@pytest.mark.parametrize("version", [7, 8, 10])
async def test_who_wants_stable_offsets_is_told_of_pending_ones(  # noqa: PLR0917
    broker: Broker, at: At, topic_id: bytes, version: int, stable: bool, expected: tuple[int, int]
) -> None:
    await broker.groups.transactional_offsets.commit(
        Committer("g"), 7, 0, {("t", 0): CommittedOffset(50, 3, "", 0, -1, topic_id)}
    )
    if version < 8:
        for topics in [OffsetFetchRequestTopic("t", [0])], None:
            answer = await handle(OffsetFetchRequest("g", topics, require_stable=stable), at(version))
            assert [
                (one.committed_offset, one.error_code) for each in answer.topics for one in each.partitions
            ] == [expected]
    else:
        for asked in [OffsetFetchRequestTopics("t", topic_id, [0])], None:
            groups = [OffsetFetchRequestGroup("g", topics=asked)]
            answer = await handle(OffsetFetchRequest(groups=groups, require_stable=stable), at(version))
            assert [
                (one.committed_offset, one.error_code)
                for each in answer.groups[0].topics
                for one in each.partitions
            ] == [expected]
