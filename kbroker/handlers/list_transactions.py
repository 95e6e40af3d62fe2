"""ListTransactions (key 66), versions 0-2: the transactional ids that pass all filters (KIP-664, KIP-994, KIP-1152).

- states that don't exist are named in the answer and match nothing
- v1+ filters by how long a transaction has run, in ms; one that never began has run for ever
- v2+ filters by a regular expression that the whole transactional id has to match, of RE2's kind; one that takes
  longer than a second is invalid
"""

from collections.abc import Container
from itertools import compress

from kbroker.broker.context import RequestContext
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.list_transactions import (
    ListTransactionsRequest,
    ListTransactionsResponse,
    TransactionState,
)
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.transactions import transaction as states
from kbroker.state.transactions.transaction import Transaction

_NAMES = {state.value for state in states.TransactionState}


async def handle(request: ListTransactionsRequest, ctx: RequestContext) -> ListTransactionsResponse:
    """List what passes."""
    producer_ids, state_names = frozenset(request.producer_id_filters), frozenset(request.state_filters)
    started_before_ms = None
    if request.duration_filter >= 0:
        started_before_ms = ctx.broker.clock.now_ms() - request.duration_filter
    found = [
        each
        for each in ctx.broker.transactions.all()
        if _passes(each, producer_ids, state_names, started_before_ms)
        and ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TRANSACTIONAL_ID, each.transactional_id)
    ]
    if request.transactional_id_pattern:
        await ctx.before_wait()
        names = [each.transactional_id for each in found]
        try:
            matched = await ctx.broker.patterns.matches(request.transactional_id_pattern, names)
        except KafkaError as error:
            return ListTransactionsResponse(error_code=error.code)
        found = list(compress(found, matched))
    return ListTransactionsResponse(
        unknown_state_filters=[name for name in dict.fromkeys(request.state_filters) if name not in _NAMES],
        transaction_states=[
            TransactionState(each.transactional_id, each.producer_id, each.state.value) for each in found
        ],
    )


def _passes(
    transaction: Transaction,
    producer_ids: Container[int],
    state_names: Container[str],
    started_before_ms: int | None,
) -> bool:
    if producer_ids and transaction.producer_id not in producer_ids:
        return False
    if state_names and transaction.state.value not in state_names:
        return False
    return started_before_ms is None or transaction.start_ms < started_before_ms
