"""When time ends a transaction, and when a transactional id is forgotten."""

from kbroker.state.transactions.transaction import IDLE, Transaction, TransactionState


def is_timed_out(transaction: Transaction, now_ms: int) -> bool:
    """Whether a transaction has been open for longer than its producer asked for."""
    ongoing = transaction.state is TransactionState.ONGOING
    return ongoing and transaction.start_ms + transaction.timeout_ms < now_ms


def is_expired(transaction: Transaction, now_ms: int, expiration_ms: int) -> bool:
    """Whether nothing was heard of a transactional id for `transactional.id.expiration.ms`."""
    return transaction.state in IDLE and transaction.update_ms <= now_ms - expiration_ms
