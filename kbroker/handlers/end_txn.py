"""EndTxn (key 26), versions 0-5: commit or abort a transaction (KIP-98).

- answered when all partitions have their marker; should one refuse it for now, the fate is settled all the same
- v5 raises the producer's epoch and tells the id and epoch to go on with (KIP-890)
- clients before v2 know INVALID_PRODUCER_EPOCH only, not PRODUCER_FENCED
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.end_txn import EndTxnRequest, EndTxnResponse
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType

FENCED_SINCE = 2
EPOCH_BUMP_SINCE = 5


async def handle(request: EndTxnRequest, ctx: RequestContext) -> EndTxnResponse:
    """End the transaction."""
    if not ctx.authorize(AclOperation.WRITE, AclResourceType.TRANSACTIONAL_ID, request.transactional_id):
        return EndTxnResponse(error_code=ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    raises_epoch = ctx.api_version >= EPOCH_BUMP_SINCE
    try:
        producer = await ctx.broker.transactions.end(
            request.transactional_id,
            request.producer_id,
            request.producer_epoch,
            commit=request.committed,
            client_version=2 if raises_epoch else 0,
        )
    except KafkaError as error:
        fenced = error.code is ErrorCode.PRODUCER_FENCED and ctx.api_version < FENCED_SINCE
        return EndTxnResponse(error_code=ErrorCode.INVALID_PRODUCER_EPOCH if fenced else error.code)
    return EndTxnResponse(producer_id=producer.producer_id, producer_epoch=producer.epoch)
