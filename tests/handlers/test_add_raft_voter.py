"""AddRaftVoter, as probed on Apache Kafka 4.3.1 with nobody to add."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import add_raft_voter
from kbroker.protocol.add_raft_voter import AddRaftVoterRequest, Listener
from kbroker.protocol.error_codes import ErrorCode

from .conftest import NODE_ID, MakeContext

DIRECTORY = bytes(range(16))


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    return getattr(request, "param", {"controller.listener.names": "CONTROLLER,OTHER"})


async def add(at: MakeContext, voter: int, *listeners: str, cluster_id: str | None = None) -> int:
    endpoints = [Listener(name, "localhost", 9093) for name in listeners]
    request = AddRaftVoterRequest(cluster_id, 1000, voter, DIRECTORY, endpoints)
    answer = await add_raft_voter.handle(request, at(1))
    assert answer.error_message
    return answer.error_code


async def test_nobody_is_added(broker: Broker, at: MakeContext) -> None:
    assert await add(at, 7, "CONTROLLER", cluster_id=broker.cluster_id) == ErrorCode.REQUEST_TIMED_OUT
    assert await add(at, 7, "controller") == ErrorCode.REQUEST_TIMED_OUT
    assert await add(at, NODE_ID, "CONTROLLER") == ErrorCode.DUPLICATE_VOTER
    assert await add(at, 7, "CONTROLLER", cluster_id="other") == ErrorCode.INCONSISTENT_CLUSTER_ID
    assert await add(at, -1, "CONTROLLER") == ErrorCode.INVALID_REQUEST
    for listeners in ((), ("OTHER",)):
        assert await add(at, 7, *listeners) == ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("settings", [{}], indirect=True)
async def test_without_controllers_the_listener_is_that_of_clients(at: MakeContext) -> None:
    assert await add(at, 7, "CONTROLLER") == ErrorCode.INVALID_REQUEST
    assert await add(at, 7, "PLAINTEXT") == ErrorCode.REQUEST_TIMED_OUT
