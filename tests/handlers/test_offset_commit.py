"""kbroker/handlers/offset_commit.py"""

from collections.abc import Callable, Sequence

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.join_group import handle as join
from kbroker.handlers.offset_commit import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kbroker.state.offsets import CommittedOffset

At = Callable[[int], RequestContext]
VERSIONS = range(2, 11)
UNKNOWN_ID = b"\x07" * 16


@pytest.fixture
async def topic_id(broker: Broker) -> bytes:
    return (await broker.topics.create("t", 2, {})).topic_id


def topic(version: int, name: str, topic_id: bytes, partitions: Sequence[int]) -> OffsetCommitRequestTopic:
    by_id = version >= 10
    return OffsetCommitRequestTopic(
        "" if by_id else name,
        topic_id if by_id else bytes(16),
        [OffsetCommitRequestPartition(index, 42, 3, "note") for index in partitions],
    )


async def commit(at: At, version: int, request: OffsetCommitRequest) -> list[list[tuple[int, int]]]:
    """Partition and error code of each, by topic."""
    response = await handle(request, at(version))
    return [[(one.partition_index, one.error_code) for one in topic.partitions] for topic in response.topics]


def committed(broker: Broker, group_id: str = "g") -> dict[str, dict[int, CommittedOffset]]:
    group = broker.groups.get(group_id)
    return {} if group is None else group.offsets.by_topic


@pytest.mark.parametrize("version", VERSIONS)
async def test_who_has_no_generation_commits_to_a_group_of_no_members(
    at: At, broker: Broker, topic_id: bytes, version: int
) -> None:
    answers = await commit(
        at, version, OffsetCommitRequest("g", topics=[topic(version, "t", topic_id, [0, 1])])
    )
    assert answers == [[(0, 0), (1, 0)]]
    offset = CommittedOffset(42, 3, "note", broker.clock.now_ms(), -1, topic_id)
    assert committed(broker) == {"t": {0: offset, 1: offset}}


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_does_not_exist_is_answered_first_and_keeps_nothing_back(
    at: At, broker: Broker, topic_id: bytes, version: int
) -> None:
    topics = [topic(version, "t", topic_id, [0, 7]), topic(version, "nope", UNKNOWN_ID, [0])]
    unknown = ErrorCode.UNKNOWN_TOPIC_ID if version >= 10 else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert await commit(at, version, OffsetCommitRequest("g", topics=topics)) == [
        [(7, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION), (0, 0)],
        [(0, unknown)],
    ]
    assert list(committed(broker)["t"]) == [0]


async def test_a_topic_asked_for_twice(at: At, topic_id: bytes) -> None:
    """As Apache Kafka: entries are only merged when something is unknown."""

    async def twice(*partitions: list[int]) -> list[list[tuple[int, int]]]:
        topics = [topic(8, "t", topic_id, indexes) for indexes in partitions]
        return await commit(at, 8, OffsetCommitRequest("g", topics=topics))

    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert await twice([0], [1]) == [[(0, 0)], [(1, 0)]]
    assert await twice([9], [0], [8]) == [[(9, unknown), (8, unknown), (0, 0)]]
    assert await twice([9], [8]) == [[(9, unknown), (8, unknown)]]


async def test_only_unknown_topics_make_no_group(at: At, broker: Broker) -> None:
    await commit(at, 8, OffsetCommitRequest("g", topics=[topic(8, "nope", UNKNOWN_ID, [0])]))
    assert broker.groups.get("g") is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_generation_needs_its_group(at: At, topic_id: bytes, version: int) -> None:
    answers = await commit(
        at, version, OffsetCommitRequest("g", 3, "m", topics=[topic(version, "t", topic_id, [0])])
    )
    expected = ErrorCode.GROUP_ID_NOT_FOUND if version >= 9 else ErrorCode.ILLEGAL_GENERATION
    assert answers == [[(0, expected)]]


@pytest.mark.parametrize("version", VERSIONS)
async def test_members_commit_in_their_generation(
    at: At, broker: Broker, topic_id: bytes, version: int
) -> None:
    protocols = [JoinGroupRequestProtocol("range", b"")]
    member = await join(JoinGroupRequest("g", 10_000, 60_000, "", None, "consumer", protocols), at(3))
    topics = [topic(version, "t", topic_id, [0])]
    for request, error_code in (
        (OffsetCommitRequest("g", 1, member.member_id, topics=topics), ErrorCode.REBALANCE_IN_PROGRESS),
        (OffsetCommitRequest("g", 2, member.member_id, topics=topics), ErrorCode.ILLEGAL_GENERATION),
        (OffsetCommitRequest("g", 1, "nobody", topics=topics), ErrorCode.UNKNOWN_MEMBER_ID),
        (OffsetCommitRequest("g", topics=topics), ErrorCode.UNKNOWN_MEMBER_ID),
        (
            OffsetCommitRequest("g", 1, member.member_id, "instance", topics=topics),
            ErrorCode.UNKNOWN_MEMBER_ID,
        ),
    ):
        assert await commit(at, version, request) == [[(0, error_code)]]
    assert committed(broker) == {}


@pytest.mark.parametrize(
    ("metadata", "error_code"),
    [
        (None, ErrorCode.NONE),
        ("x" * 4096, ErrorCode.NONE),
        ("é" * 4096, ErrorCode.NONE),
        ("x" * 4097, ErrorCode.OFFSET_METADATA_TOO_LARGE),
        ("🦊" * 2049, ErrorCode.OFFSET_METADATA_TOO_LARGE),  # two UTF-16 units each
    ],
)
async def test_metadata_has_a_largest_length(
    at: At, broker: Broker, topic_id: bytes, metadata: str | None, error_code: ErrorCode
) -> None:
    asked = topic(8, "t", topic_id, [0, 1])
    asked.partitions[0].committed_metadata = metadata
    assert await commit(at, 8, OffsetCommitRequest("g", topics=[asked])) == [[(0, error_code), (1, 0)]]
    kept = committed(broker)["t"]
    assert list(kept) == ([0, 1] if error_code == 0 else [1])
    if metadata is None:
        assert kept[0].metadata == ""


@pytest.mark.parametrize("version", [2, 3, 4])
async def test_old_versions_may_say_when_offsets_expire(
    at: At, broker: Broker, topic_id: bytes, version: int
) -> None:
    request = OffsetCommitRequest("g", retention_time_ms=5000, topics=[topic(version, "t", topic_id, [0])])
    await commit(at, version, request)
    assert committed(broker)["t"][0].expire_timestamp == broker.clock.now_ms() + 5000


class TestMetadataSize:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"offset.metadata.max.bytes": "3"}

    async def test_the_largest_length_is_configured(self, at: At, topic_id: bytes) -> None:
        answers = await commit(at, 8, OffsetCommitRequest("g", topics=[topic(8, "t", topic_id, [0])]))
        assert answers == [[(0, ErrorCode.OFFSET_METADATA_TOO_LARGE)]]
