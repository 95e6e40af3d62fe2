"""kbroker/state/transactions/stored.py"""

import pytest
from attrs import evolve

from kbroker.protocol.errors import ProtocolError
from kbroker.state.transactions.stored import decode_transaction, encode_key, encode_transaction
from kbroker.state.transactions.transaction import Transaction, TransactionState

TRANSACTION = Transaction(
    "tx",
    producer_id=7,
    producer_epoch=3,
    timeout_ms=60_000,
    state=TransactionState.PREPARE_COMMIT,
    partitions=frozenset({("t", 0), ("t", 2), ("__consumer_offsets", 49)}),
    start_ms=1000,
    update_ms=2000,
    previous_producer_id=6,
    next_producer_id=8,
    client_version=2,
)


@pytest.mark.parametrize("state", TransactionState)
def test_what_is_stored_comes_back(state: TransactionState) -> None:
    empty = state is TransactionState.EMPTY
    transaction = evolve(
        TRANSACTION, state=state, partitions=frozenset() if empty else TRANSACTION.partitions
    )
    assert decode_transaction("tx", encode_transaction(transaction)) == transaction


def test_the_oldest_form_has_one_producer_id() -> None:
    older = decode_transaction("tx", encode_transaction(TRANSACTION, 0))
    assert older == evolve(TRANSACTION, previous_producer_id=-1, next_producer_id=-1, client_version=0)


def test_the_key_is_kafkas() -> None:
    assert encode_key("tx") == b"\0\0\0\2tx"


@pytest.mark.parametrize(
    "state",
    [b"", b"\0", b"\0\7", encode_transaction(TRANSACTION)[:20], b"\0\0" + bytes(14) + b"\x63" + bytes(20)],
)
def test_other_bytes_are_refused(state: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_transaction("tx", state)
