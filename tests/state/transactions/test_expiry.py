"""kbroker/state/transactions/expiry.py"""

import pytest

from kbroker.state.transactions.expiry import is_expired, is_timed_out
from kbroker.state.transactions.transaction import Transaction, TransactionState


def transaction(state: TransactionState) -> Transaction:
    return Transaction("tx", 1, 0, timeout_ms=100, state=state, start_ms=1000, update_ms=1000)


@pytest.mark.parametrize(
    ("state", "now_ms", "expected"),
    [
        (TransactionState.ONGOING, 1100, False),
        (TransactionState.ONGOING, 1101, True),
        (TransactionState.PREPARE_COMMIT, 9999, False),
        (TransactionState.EMPTY, 9999, False),
    ],
)
def test_only_an_open_transaction_times_out(state: TransactionState, now_ms: int, expected: bool) -> None:
    assert is_timed_out(transaction(state), now_ms) is expected


@pytest.mark.parametrize("state", TransactionState)
def test_an_idle_id_expires(state: TransactionState) -> None:
    idle = state.value in {"Empty", "CompleteCommit", "CompleteAbort"}
    assert is_expired(transaction(state), 1500, 500) is idle
    assert not is_expired(transaction(state), 1499, 500)
