"""ElectLeaders, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import elect_leaders
from kbroker.protocol.elect_leaders import ElectLeadersRequest, ElectLeadersResponse, TopicPartitions
from kbroker.protocol.error_codes import ErrorCode

from .conftest import MakeContext

VERSION = 2
NOT_NEEDED, UNKNOWN = ErrorCode.ELECTION_NOT_NEEDED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

Outcomes = list[tuple[str, list[tuple[int, int]]]]


async def elect(
    at: MakeContext, *asked: tuple[str, list[int]], election_type: int = 0, timeout_ms: int = 1000
) -> ElectLeadersResponse:
    named = [TopicPartitions(name, indexes) for name, indexes in asked]
    request = ElectLeadersRequest(election_type, named, timeout_ms)
    return await elect_leaders.handle(request, at(VERSION))


def outcomes(response: ElectLeadersResponse) -> Outcomes:
    """Partition and error code of each topic."""
    return [
        (result.topic, [(each.partition_id, each.error_code) for each in result.partition_result])
        for result in response.replica_election_results
    ]


@pytest.mark.parametrize("election_type", [0, 1])
async def test_nothing_needs_an_election(broker: Broker, at: MakeContext, election_type: int) -> None:
    await broker.topics.create("t", 2, {})
    response = await elect(at, ("t", [1, 0, 1]), ("nope", [0]), ("t", [2, -1]), election_type=election_type)
    assert response.error_code == 0
    assert outcomes(response) == [
        ("t", [(1, NOT_NEEDED), (0, NOT_NEEDED), (1, NOT_NEEDED)]),
        ("nope", [(0, UNKNOWN)]),
        ("t", [(2, UNKNOWN), (-1, UNKNOWN)]),
    ]
    messages = [
        each.error_message for result in response.replica_election_results for each in result.partition_result
    ]
    assert messages[0] == "Leader election not needed for topic partition."
    assert messages[3:5] == ["No such topic as nope", "No such partition as t-2"]


async def test_all_partitions_leaves_out_those_that_need_none(broker: Broker, at: MakeContext) -> None:
    await broker.topics.create("t", 2, {})
    await broker.topics.create("u", 1, {})
    response = await elect_leaders.handle(ElectLeadersRequest(0, None), at(VERSION))
    assert outcomes(response) == [("t", []), ("u", [])]


@pytest.mark.parametrize(
    ("election_type", "timeout_ms", "code"),
    [
        (2, 1000, ErrorCode.INVALID_REQUEST),
        (-1, 1000, ErrorCode.INVALID_REQUEST),
        (0, 0, ErrorCode.REQUEST_TIMED_OUT),
        (2, -1, ErrorCode.REQUEST_TIMED_OUT),
    ],
)
async def test_an_election_that_cannot_be_held(
    at: MakeContext, election_type: int, timeout_ms: int, code: ErrorCode
) -> None:
    response = await elect(at, ("t", [0, 5]), election_type=election_type, timeout_ms=timeout_ms)
    assert (response.error_code, outcomes(response)) == (code, [("t", [(0, code), (5, code)])])
    response = await elect_leaders.handle(ElectLeadersRequest(election_type, None, timeout_ms), at(VERSION))
    assert (response.error_code, outcomes(response)) == (code, [])
    assert await elect(at, election_type=election_type, timeout_ms=timeout_ms) == ElectLeadersResponse()
