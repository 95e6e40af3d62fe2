"""AddOffsetsToTxn (key 25), versions 0-4: a transaction is going to commit offsets of a group (KIP-98).

The partition of `__consumer_offsets` that keeps the group becomes one of the transaction's. Clients of transaction
version 2 don't send this: TxnOffsetCommit adds it for them.
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.internal_topics import create_offsets_topic
from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.java_strings import partition_for

FENCED_SINCE = 2


async def handle(request: AddOffsetsToTxnRequest, ctx: RequestContext) -> AddOffsetsToTxnResponse:
    """Add the group's partition."""
    if not ctx.authorize(AclOperation.WRITE, AclResourceType.TRANSACTIONAL_ID, request.transactional_id):
        return AddOffsetsToTxnResponse(error_code=ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        return AddOffsetsToTxnResponse(error_code=ErrorCode.GROUP_AUTHORIZATION_FAILED)
    try:
        topic = await create_offsets_topic(ctx.broker.topics, ctx.broker.config)
        partition = topic.name, partition_for(request.group_id, topic.partitions)
        await ctx.broker.transactions.add_partitions(
            request.transactional_id, request.producer_id, request.producer_epoch, [partition]
        )
    except KafkaError as error:
        fenced = error.code is ErrorCode.PRODUCER_FENCED and ctx.api_version < FENCED_SINCE
        return AddOffsetsToTxnResponse(error_code=ErrorCode.INVALID_PRODUCER_EPOCH if fenced else error.code)
    return AddOffsetsToTxnResponse()
