"""AddRaftVoter (key 80), versions 0-1: let another node keep the metadata too (KIP-853).

This broker is the only voter and stays it:

- its own id is DUPLICATE_VOTER, whatever the directory
- any other node cannot follow it, and is REQUEST_TIMED_OUT at once, as one that does not answer
- the request must say where the controllers' listener is, in upper or lower case
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.quorum import Voter, check_voter, only_voter
from kbroker.protocol.add_raft_voter import AddRaftVoterRequest, AddRaftVoterResponse
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation

NAMES = "controller.listener.names"


async def handle(request: AddRaftVoterRequest, ctx: RequestContext) -> AddRaftVoterResponse:
    """Say why not."""
    try:
        ctx.require_cluster(AclOperation.ALTER)
        refusal = await _refusal(request, ctx)
    except KafkaError as error:
        refusal = error
    return AddRaftVoterResponse(error_code=refusal.code, error_message=refusal.message)


async def _refusal(request: AddRaftVoterRequest, ctx: RequestContext) -> KafkaError:
    """Raises KafkaError as well: INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, KAFKA_STORAGE_ERROR."""
    voter = Voter(request.voter_id, request.voter_directory_id)
    check_voter(ctx.broker, request.cluster_id, voter, "Add")
    controllers = _controller_listener(ctx)
    if controllers not in {listener.name.upper() for listener in request.listeners}:
        return KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Add voter request didn't include an endpoint for the default listener ListenerName({controllers})",
        )
    there_is = await only_voter(ctx.broker)
    if voter.node_id == there_is.node_id:
        return KafkaError(
            ErrorCode.DUPLICATE_VOTER,
            f"The voter id for {voter} is already part of the set of voters [{there_is}].",
        )
    return KafkaError(ErrorCode.REQUEST_TIMED_OUT, f"New voter {voter} is not ready to receive requests")


def _controller_listener(ctx: RequestContext) -> str:
    """The first of controller.listener.names; where none is set, where clients came in."""
    config = ctx.broker.config
    set_names = config.list(NAMES) if config.is_set(NAMES) else []
    return (set_names or [ctx.connection.listener])[0].upper()
