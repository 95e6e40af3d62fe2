"""FindCoordinator (key 10), versions 0-6: which broker coordinates a group or a transactional id.

- every node is its own coordinator, so the answer is where the client already is
- who looks for a group has `__consumer_offsets` created, who looks for a transactional id `__transaction_state`;
  Apache Kafka answers COORDINATOR_NOT_AVAILABLE meanwhile
- from v4 on the client may ask for many keys at once (KIP-699)
- key type 2, share groups, is not served: INVALID_REQUEST, as from an Apache broker without share groups
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.internal_topics import create_offsets_topic, create_transactions_topic
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from kbroker.state.acls import AclOperation, AclResourceType

GROUP = 0
TRANSACTION = 1
SHARE = 2
MANY_KEYS_SINCE = 4
SHARE_SINCE = 6  # KIP-932
NO_NODE = -1


async def handle(request: FindCoordinatorRequest, ctx: RequestContext) -> FindCoordinatorResponse:
    """Answer this broker, as this listener's clients reach it."""
    if ctx.api_version >= MANY_KEYS_SINCE:
        return FindCoordinatorResponse(
            coordinators=[await _find(request.key_type, key, ctx) for key in request.coordinator_keys]
        )
    found = await _find(request.key_type, request.key, ctx)
    return FindCoordinatorResponse(
        error_code=found.error_code,
        error_message=found.error_message or ErrorCode(found.error_code).name,
        node_id=found.node_id,
        host=found.host,
        port=found.port,
    )


async def _find(key_type: int, key: str, ctx: RequestContext) -> Coordinator:
    refusal = _refusal(key_type, key, ctx)
    if refusal is None and await _ready(key_type, ctx):
        endpoint = ctx.connection.advertised
        return Coordinator(key, ctx.broker.node_id, endpoint.host, endpoint.port, ErrorCode.NONE, "")
    error = refusal or KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return Coordinator(key, NO_NODE, "", -1, error.code, error.message or "")


def _refusal(key_type: int, key: str, ctx: RequestContext) -> KafkaError | None:
    """Why the client isn't told, if it isn't."""
    describe = AclOperation.DESCRIBE
    if key_type == GROUP:
        if not ctx.authorize(describe, AclResourceType.GROUP, key):
            return KafkaError(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    elif key_type == TRANSACTION:
        if not ctx.authorize(describe, AclResourceType.TRANSACTIONAL_ID, key):
            return KafkaError(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    elif key_type != SHARE:
        return KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown key type {key_type}")
    elif ctx.api_version >= SHARE_SINCE and not ctx.authorize_cluster(AclOperation.CLUSTER_ACTION):
        return KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "The request is not authorized.")
    else:
        return KafkaError(ErrorCode.INVALID_REQUEST)
    return None


async def _ready(key_type: int, ctx: RequestContext) -> bool:
    create = create_offsets_topic if key_type == GROUP else create_transactions_topic
    try:
        await create(ctx.broker.topics, ctx.broker.config)
    except KafkaError as error:
        ctx.broker.limited_log.warning(f"coordinator:{key_type}", "There is no coordinator: %s", error)
        return False
    return True
