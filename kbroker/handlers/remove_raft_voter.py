"""RemoveRaftVoter (key 81), version 0: let a node keep the metadata no more (KIP-853).

This broker is the only voter, and cannot be removed: like any other it is VOTER_NOT_FOUND, as in Apache Kafka.
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.quorum import Voter, check_voter, only_voter
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.remove_raft_voter import RemoveRaftVoterRequest, RemoveRaftVoterResponse
from kbroker.state.acls import AclOperation


async def handle(request: RemoveRaftVoterRequest, ctx: RequestContext) -> RemoveRaftVoterResponse:
    """Say why not."""
    voter = Voter(request.voter_id, request.voter_directory_id)
    try:
        ctx.require_cluster(AclOperation.ALTER)
        check_voter(ctx.broker, request.cluster_id, voter, "Remove")
        there_is = await only_voter(ctx.broker)
    except KafkaError as error:
        return RemoveRaftVoterResponse(error_code=error.code, error_message=error.message)
    return RemoveRaftVoterResponse(
        error_code=ErrorCode.VOTER_NOT_FOUND,
        error_message=f"Cannot remove voter {voter} from the set of voters [{there_is}]",
    )
