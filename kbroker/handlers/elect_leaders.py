"""ElectLeaders (key 43), versions 0-2: preferred and unclean elections (KIP-183, KIP-460).

Every partition is led by its only replica, so that none needs an election:

- ELECTION_NOT_NEEDED for those named; null is all topics, each without those that need none
- an unknown type is INVALID_REQUEST for every partition; version 0 knows preferred elections only
- without a positive timeout nothing is in time; an empty list is always
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation

PREFERRED, UNCLEAN = 0, 1


async def handle(request: ElectLeadersRequest, ctx: RequestContext) -> ElectLeadersResponse:
    """Answer topics and partitions as they are named."""
    asked = request.topic_partitions
    error = _refusal(request, ctx)
    if asked is not None and not asked and error is None:
        return ElectLeadersResponse()
    if asked is None:
        if error is not None:
            return ElectLeadersResponse(error_code=error.code)
        return ElectLeadersResponse(
            replica_election_results=[ReplicaElectionResult(topic.name) for topic in ctx.broker.topics.all()]
        )
    results = []
    for topic in asked:
        outcomes = [(index, error or _outcome(topic.topic, index, ctx)) for index in topic.partitions]
        results.append(
            ReplicaElectionResult(
                topic.topic, [PartitionResult(index, each.code, each.message) for index, each in outcomes]
            )
        )
    return ElectLeadersResponse(
        error_code=ErrorCode.NONE if error is None else error.code, replica_election_results=results
    )


def _refusal(request: ElectLeadersRequest, ctx: RequestContext) -> KafkaError | None:
    """Why no election is held at all."""
    if not ctx.authorize_cluster(AclOperation.ALTER):
        return KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "The request is not authorized.")
    if request.topic_partitions == []:
        return None
    if request.timeout_ms <= 0:
        return KafkaError(ErrorCode.REQUEST_TIMED_OUT)
    if request.election_type not in (PREFERRED, UNCLEAN):
        return KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown election type {request.election_type}")
    return None


def _outcome(name: str, index: int, ctx: RequestContext) -> KafkaError:
    topic = ctx.broker.topics.get(name)
    if topic is None:
        return KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such topic as {name}")
    if not 0 <= index < topic.partitions:
        return KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such partition as {name}-{index}")
    return KafkaError(ErrorCode.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.")
