"""InitProducerId (key 22), versions 0-5: an id for an idempotent producer (KIP-98, KIP-360).

A producer without a transactional id gets a fresh id and epoch 0 each time it asks, whatever id it had before:
Apache Kafka ignores producer_id and producer_epoch of such a request too.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.init_producer_id import InitProducerIdRequest, InitProducerIdResponse

NONE = -1


async def handle(request: InitProducerIdRequest, ctx: RequestContext) -> InitProducerIdResponse:
    """Give the producer its id."""
    if request.transactional_id == "" or (request.producer_id == NONE) != (request.producer_epoch == NONE):
        return InitProducerIdResponse(error_code=ErrorCode.INVALID_REQUEST, producer_epoch=NONE)
    if request.transactional_id is not None:
        # There are no transactions here: an error that is fatal to every client and names the feature.
        code = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        return InitProducerIdResponse(error_code=code, producer_epoch=NONE)
    try:
        producer_id = await ctx.broker.producer_ids.next()
    except KafkaError as error:
        return InitProducerIdResponse(error_code=error.code, producer_epoch=NONE)
    return InitProducerIdResponse(producer_id=producer_id, producer_epoch=0)
