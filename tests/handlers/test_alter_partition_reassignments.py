"""AlterPartitionReassignments, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import alter_partition_reassignments
from kbroker.protocol.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignableTopic,
)
from kbroker.protocol.error_codes import ErrorCode

from .conftest import NODE_ID, MakeContext


async def alter(
    at: MakeContext, topic: str, index: int, replicas: list[int] | None, timeout_ms: int = 1000
) -> AlterPartitionReassignmentsResponse:
    named = [ReassignableTopic(topic, [ReassignablePartition(index, replicas)])]
    request = AlterPartitionReassignmentsRequest(timeout_ms, topics=named)
    return await alter_partition_reassignments.handle(request, at(1))


@pytest.mark.parametrize(
    ("topic", "partition", "error"),
    [
        ("t", (0, [NODE_ID]), ErrorCode.NONE),
        ("t", (1, None), ErrorCode.NO_REASSIGNMENT_IN_PROGRESS),
        ("t", (0, []), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        ("t", (0, [7]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        ("t", (0, [NODE_ID, 7]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        ("t", (0, [NODE_ID, NODE_ID]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        ("t", (2, [NODE_ID]), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("t", (-1, None), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("nowhere", (0, [NODE_ID]), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
    ],
)
async def test_a_partition_stays_where_it_is(
    broker: Broker, at: MakeContext, topic: str, partition: tuple[int, list[int] | None], error: ErrorCode
) -> None:
    await broker.topics.create("t", 2, {})
    index, replicas = partition
    answer = await alter(at, topic, index, replicas)
    assert answer.error_code == 0
    assert [(each.partition_index, each.error_code) for each in answer.responses[0].partitions] == [
        (index, error)
    ]


@pytest.mark.parametrize("timeout_ms", [0, -1])
async def test_nothing_is_in_time_without_time(broker: Broker, at: MakeContext, timeout_ms: int) -> None:
    await broker.topics.create("t", 1, {})
    answer = await alter(at, "t", 0, [NODE_ID], timeout_ms)
    assert answer.error_code == answer.responses[0].partitions[0].error_code == ErrorCode.REQUEST_TIMED_OUT


async def test_the_answer_repeats_whether_the_number_may_change(at: MakeContext) -> None:
    topics = [ReassignableTopic("t", [])]
    request = AlterPartitionReassignmentsRequest(allow_replication_factor_change=False, topics=topics)
    answer = await alter_partition_reassignments.handle(request, at(1))
    assert answer.allow_replication_factor_change is False
