"""FindCoordinator (key 10), versions 0-6: which broker coordinates a group or a transactional id.

- every node is its own coordinator, so the answer is where the client already is
- who looks for a group has `__consumer_offsets` created, who looks for a transactional id `__transaction_state`;
  Apache Kafka answers COORDINATOR_NOT_AVAILABLE meanwhile
- from v4 on the client may ask for many keys at once (KIP-699)
- key type 2, share groups, is not served: INVALID_REQUEST, as from an Apache broker without share groups
"""

import logging

from kbroker.broker.context import RequestContext
from kbroker.broker.internal_topics import create_offsets_topic, create_transactions_topic
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse

log = logging.getLogger(__name__)

GROUP = 0
TRANSACTION = 1
SHARE = 2
MANY_KEYS_SINCE = 4
NO_NODE = -1


async def handle(request: FindCoordinatorRequest, ctx: RequestContext) -> FindCoordinatorResponse:
    """Answer this broker, as this listener's clients reach it."""
    served = request.key_type in (GROUP, TRANSACTION)
    if served and await _ready(request.key_type, ctx):
        endpoint = ctx.connection.advertised
        error_code = ErrorCode.NONE
        node_id, host, port = ctx.broker.node_id, endpoint.host, endpoint.port
    else:
        error_code = ErrorCode.COORDINATOR_NOT_AVAILABLE if served else ErrorCode.INVALID_REQUEST
        node_id, host, port = NO_NODE, "", -1

    message = (
        "" if request.key_type in (GROUP, TRANSACTION, SHARE) else f"Unknown key type {request.key_type}"
    )
    if ctx.api_version < MANY_KEYS_SINCE:
        return FindCoordinatorResponse(
            error_code=error_code,
            error_message=message or error_code.name,
            node_id=node_id,
            host=host,
            port=port,
        )
    return FindCoordinatorResponse(
        coordinators=[
            Coordinator(
                key=key, node_id=node_id, host=host, port=port, error_code=error_code, error_message=message
            )
            for key in request.coordinator_keys
        ]
    )


async def _ready(key_type: int, ctx: RequestContext) -> bool:
    create = create_offsets_topic if key_type == GROUP else create_transactions_topic
    try:
        await create(ctx.broker.topics, ctx.broker.config)
    except KafkaError as error:
        log.warning("There is no coordinator: %s", error)
        return False
    return True
