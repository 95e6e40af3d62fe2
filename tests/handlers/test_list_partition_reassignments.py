"""ListPartitionReassignments: there is never one."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import list_partition_reassignments
from kbroker.protocol.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsTopics,
)

from .conftest import MakeContext


@pytest.mark.parametrize("topics", [None, [], [ListPartitionReassignmentsTopics("t", [0, 7])]])
async def test_none_is_under_way(
    broker: Broker, at: MakeContext, topics: list[ListPartitionReassignmentsTopics] | None
) -> None:
    await broker.topics.create("t", 1, {})
    answer = await list_partition_reassignments.handle(
        ListPartitionReassignmentsRequest(topics=topics), at(0)
    )
    assert (answer.error_code, answer.error_message, answer.topics) == (0, None, [])
