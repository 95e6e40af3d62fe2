"""InitProducerId (key 22), versions 0-5: an id and epoch for an idempotent or transactional producer (KIP-98, KIP-360).

- a producer without a transactional id gets a fresh id and epoch 0 each time it asks, whatever id it had before:
  Apache Kafka ignores producer_id and producer_epoch of such a request too
- one with a transactional id shuts out all that had it before; if a transaction was open it is told
  CONCURRENT_TRANSACTIONS once that is aborted, and asks again
- clients before v4 know INVALID_PRODUCER_EPOCH only, not PRODUCER_FENCED
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.transactions.initialise import ProducerIdAndEpoch

NONE = -1
FENCED_SINCE = 4


async def handle(request: InitProducerIdRequest, ctx: RequestContext) -> InitProducerIdResponse:
    """Give the producer its id."""
    transactional_id = request.transactional_id
    if transactional_id is not None:
        if not ctx.authorize(AclOperation.WRITE, AclResourceType.TRANSACTIONAL_ID, transactional_id):
            code = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            return InitProducerIdResponse(error_code=code, producer_epoch=NONE)
    elif not (
        ctx.authorize_cluster(AclOperation.IDEMPOTENT_WRITE)
        or ctx.authorize_any(AclOperation.WRITE, AclResourceType.TOPIC)
    ):
        return InitProducerIdResponse(error_code=ErrorCode.CLUSTER_AUTHORIZATION_FAILED, producer_epoch=NONE)
    if request.transactional_id == "" or (request.producer_id == NONE) != (request.producer_epoch == NONE):
        return InitProducerIdResponse(error_code=ErrorCode.INVALID_REQUEST, producer_epoch=NONE)
    try:
        given = await _given(request, ctx)
    except KafkaError as error:
        fenced = error.code is ErrorCode.PRODUCER_FENCED and ctx.api_version < FENCED_SINCE
        code = ErrorCode.INVALID_PRODUCER_EPOCH if fenced else error.code
        return InitProducerIdResponse(error_code=code, producer_epoch=NONE)
    return InitProducerIdResponse(producer_id=given.producer_id, producer_epoch=given.epoch)


async def _given(request: InitProducerIdRequest, ctx: RequestContext) -> ProducerIdAndEpoch:
    if request.transactional_id is None:
        return ProducerIdAndEpoch(await ctx.broker.producer_ids.next(), 0)
    expected = None
    if request.producer_id != NONE:
        expected = ProducerIdAndEpoch(request.producer_id, request.producer_epoch)
    return await ctx.broker.transactions.init_producer_id(
        request.transactional_id, request.transaction_timeout_ms, expected
    )
