"""kbroker/state/transactions/transaction.py"""

from kbroker.state.transactions.transaction import Transaction, TransactionState, is_exhausted


def test_states_are_stored_under_kafkas_numbers() -> None:
    assert [state.stored for state in TransactionState] == list(range(8))


def test_the_last_epoch_is_kept_for_fencing() -> None:
    assert [is_exhausted(epoch) for epoch in (32765, 32766, 32767)] == [False, True, True]


def test_a_step_remembers_the_producer_id_before_it() -> None:
    transaction = Transaction("tx", 1, 5).to(TransactionState.EMPTY, 7, producer_id=2)
    assert (transaction.previous_producer_id, transaction.producer_id, transaction.update_ms) == (1, 2, 7)
    assert transaction.to(TransactionState.ONGOING, 8).previous_producer_id == 2
