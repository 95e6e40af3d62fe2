"""DescribeTransactions (key 65), version 0: producer, state and partitions of transactional ids (KIP-664).

Of the partitions, those of topics that the client may describe.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TopicData,
    TransactionState,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.transactions.transaction import Transaction


async def handle(request: DescribeTransactionsRequest, ctx: RequestContext) -> DescribeTransactionsResponse:
    """Describe each."""
    return DescribeTransactionsResponse(
        transaction_states=[
            _described(name, ctx.broker.transactions.get(name), ctx) for name in request.transactional_ids
        ]
    )


def _described(
    transactional_id: str, transaction: Transaction | None, ctx: RequestContext
) -> TransactionState:
    describe = AclOperation.DESCRIBE
    if not ctx.authorize(describe, AclResourceType.TRANSACTIONAL_ID, transactional_id):
        return TransactionState(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, transactional_id)
    if transaction is None:
        code = ErrorCode.TRANSACTIONAL_ID_NOT_FOUND if transactional_id else ErrorCode.INVALID_REQUEST
        return TransactionState(code, transactional_id)
    topics: dict[str, list[int]] = {}
    for topic, index in sorted(transaction.partitions):
        if ctx.authorize(describe, AclResourceType.TOPIC, topic):
            topics.setdefault(topic, []).append(index)
    return TransactionState(
        transactional_id=transactional_id,
        transaction_state=transaction.state.value,
        transaction_timeout_ms=transaction.timeout_ms,
        transaction_start_time_ms=transaction.start_ms,
        producer_id=transaction.producer_id,
        producer_epoch=transaction.producer_epoch,
        topics=[TopicData(topic, indexes) for topic, indexes in topics.items()],
    )
