"""ListTransactions (key 66), versions 0-2: the transactional ids that pass all filters (KIP-664, KIP-994, KIP-1152).

- states that don't exist are named in the answer and match nothing
- v1+ filters by how long a transaction has run, in ms; one that never began has run for ever
- v2+ filters by a regular expression that the whole transactional id has to match, of RE2's kind
"""

import re

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.list_transactions import (
    ListTransactionsRequest,
    ListTransactionsResponse,
    TransactionState,
)
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.re2 import from_re2
from kbroker.state.transactions import transaction as states
from kbroker.state.transactions.transaction import Transaction

_NAMES = {state.value for state in states.TransactionState}


async def handle(request: ListTransactionsRequest, ctx: RequestContext) -> ListTransactionsResponse:
    """List what passes."""
    pattern = None
    if request.transactional_id_pattern:
        try:
            pattern = re.compile(from_re2(request.transactional_id_pattern))
        except re.error:
            return ListTransactionsResponse(error_code=ErrorCode.INVALID_REGULAR_EXPRESSION)
    now_ms = ctx.broker.clock.now_ms()
    return ListTransactionsResponse(
        unknown_state_filters=[name for name in dict.fromkeys(request.state_filters) if name not in _NAMES],
        transaction_states=[
            TransactionState(each.transactional_id, each.producer_id, each.state.value)
            for each in ctx.broker.transactions.all()
            if ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TRANSACTIONAL_ID, each.transactional_id)
            and _passes(each, request, now_ms)
            and (pattern is None or pattern.fullmatch(each.transactional_id))
        ],
    )


def _passes(transaction: Transaction, request: ListTransactionsRequest, now_ms: int) -> bool:
    if request.producer_id_filters and transaction.producer_id not in request.producer_id_filters:
        return False
    if request.state_filters and transaction.state.value not in request.state_filters:
        return False
    return request.duration_filter < 0 or now_ms - transaction.start_ms > request.duration_filter
