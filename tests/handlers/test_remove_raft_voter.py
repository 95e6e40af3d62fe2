"""RemoveRaftVoter: nobody can be removed."""

from kbroker.broker.broker import Broker
from kbroker.broker.quorum import only_voter
from kbroker.handlers import remove_raft_voter
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.remove_raft_voter import RemoveRaftVoterRequest

from .conftest import NODE_ID, MakeContext

DIRECTORY = bytes(range(16))


async def test_the_only_voter_stays(broker: Broker, at: MakeContext) -> None:
    voter = await only_voter(broker)
    for cluster_id, node, directory, error in (
        (None, NODE_ID, voter.directory_id, ErrorCode.VOTER_NOT_FOUND),
        (broker.cluster_id, 7, DIRECTORY, ErrorCode.VOTER_NOT_FOUND),
        ("other", 7, DIRECTORY, ErrorCode.INCONSISTENT_CLUSTER_ID),
        (None, 7, bytes(16), ErrorCode.INVALID_REQUEST),
        (None, -1, DIRECTORY, ErrorCode.INVALID_REQUEST),
    ):
        request = RemoveRaftVoterRequest(cluster_id, node, directory)
        answer = await remove_raft_voter.handle(request, at(0))
        assert answer.error_code == error
        assert answer.error_message
