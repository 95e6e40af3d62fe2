"""DescribeQuorum: a quorum of one."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_quorum
from kbroker.protocol.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    Listener,
    Node,
    ReplicaState,
    RequestPartitionData,
    RequestTopicData,
)
from kbroker.protocol.error_codes import ErrorCode

from .conftest import NODE_ID, FixedClock, MakeContext

VERSION = 2
METADATA = "__cluster_metadata"


async def describe(at: MakeContext, *asked: tuple[str, list[int]]) -> DescribeQuorumResponse:
    topics = [
        RequestTopicData(name, [RequestPartitionData(index) for index in indexes]) for name, indexes in asked
    ]
    return await describe_quorum.handle(DescribeQuorumRequest(topics), at(VERSION))


async def test_this_broker_is_the_one_voter_and_leads(
    broker: Broker, at: MakeContext, clock: FixedClock
) -> None:
    response = await describe(at, (METADATA, [0]))
    assert response.error_code == 0
    [topic] = response.topics
    [partition] = topic.partitions
    assert (topic.topic_name, partition.partition_index, partition.error_code) == (METADATA, 0, 0)
    assert (partition.leader_id, partition.leader_epoch, partition.high_watermark) == (NODE_ID, 1, 1)
    directory = (await broker.log_dirs())[0].directory_id
    assert partition.current_voters == [ReplicaState(NODE_ID, directory, 1, clock.now, clock.now)]
    assert partition.observers == []
    assert response.nodes == [Node(NODE_ID, [Listener("PLAINTEXT", "localhost", 9092)])]


async def test_the_high_watermark_grows_with_each_change_of_metadata(broker: Broker, at: MakeContext) -> None:
    seen = []
    for change in (None, "a", "b"):
        if change is not None:
            topic = await broker.topics.create(change, 1, {})
        seen.append((await describe(at, (METADATA, [0]))).topics[0].partitions[0].high_watermark)
    await broker.topics.delete(topic)
    seen.append((await describe(at, (METADATA, [0]))).topics[0].partitions[0].high_watermark)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    "asked",
    [
        [(METADATA, [1])],
        [(METADATA, [0, 0])],
        [(METADATA, [0, 1])],
        [(METADATA, [0]), (METADATA, [0])],
        [("t", [0])],
        [("", [0])],
        [("t", [0]), (METADATA, [0])],
        [(METADATA, [])],
        [],
    ],
)
async def test_only_the_one_partition_alone_is_known(
    broker: Broker, at: MakeContext, asked: list[tuple[str, list[int]]]
) -> None:
    await broker.topics.create("t", 1, {})
    response = await describe(at, *asked)
    assert (response.error_code, response.nodes) == (0, [])
    assert [
        (topic.topic_name, [one.partition_index for one in topic.partitions]) for topic in response.topics
    ] == asked
    codes = {partition.error_code for topic in response.topics for partition in topic.partitions}
    assert codes <= {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
