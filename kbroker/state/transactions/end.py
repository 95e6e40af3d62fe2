"""EndTxn: how a transaction is committed or aborted, which answers repeat, and which come too late (KIP-98, KIP-890).

A transaction ends in two steps. It is prepared, which decides its fate and is what a restart goes on from; when all
of its partitions have their marker it is complete. From transaction version 2 on the epoch rises with each end, so
that what a producer sends late is told apart from what it sends next.
"""

from attrs import evolve

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.transactions.transaction import (
    COMPLETE,
    EPOCH_BUMP_SINCE,
    MAX_EPOCH,
    NO_EPOCH,
    NO_PRODUCER_ID,
    PREPARED,
    Transaction,
    TransactionState,
)


def prepare_end(
    transaction: Transaction,
    producer_id: int,
    producer_epoch: int,
    *,
    commit: bool,
    version: int,
    now_ms: int,
    new_producer_id: int = NO_PRODUCER_ID,
) -> Transaction:
    """What a producer's EndTxn makes of its transaction: prepared, or as it was when that repeats the last end.

    `new_producer_id` is needed when `needs_next_producer_id`. Raises KafkaError: INVALID_PRODUCER_ID_MAPPING,
    PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE.
    """
    if version >= EPOCH_BUMP_SINCE:
        repeats = _check_producer_raising(transaction, producer_id, producer_epoch)
    else:
        _check_producer(transaction, producer_id, producer_epoch)
        repeats = True
    state = transaction.state
    if state is TransactionState.ONGOING:
        return _prepared(transaction, commit, version, now_ms, new_producer_id, transaction.start_ms)
    if state in PREPARED:
        raise KafkaError(
            ErrorCode.CONCURRENT_TRANSACTIONS
            if transaction.commits is commit
            else ErrorCode.INVALID_TXN_STATE
        )
    raises = version >= EPOCH_BUMP_SINCE
    if state in COMPLETE:
        committed = state is TransactionState.COMPLETE_COMMIT
        # Only a client that speaks both knows whether an end of the same epoch is the last one or the next.
        if repeats or not (raises and transaction.client_version >= EPOCH_BUMP_SINCE):
            if committed is commit:
                return transaction
            raise KafkaError(ErrorCode.INVALID_TXN_STATE)
    if commit or not raises:
        raise KafkaError(ErrorCode.INVALID_TXN_STATE)
    # A producer may abort what it never began, which fences whatever it has under way.
    return _prepared(transaction, commit, version, now_ms, new_producer_id, now_ms)


def needs_next_producer_id(transaction: Transaction, version: int) -> bool:
    """Whether the end of the transaction raises an exhausted epoch: the producer has to go on with another id."""
    return version >= EPOCH_BUMP_SINCE and transaction.epoch_exhausted and transaction.state not in PREPARED


def fence(
    transaction: Transaction, version: int, now_ms: int, new_producer_id: int = NO_PRODUCER_ID
) -> Transaction:
    """An open transaction prepared to abort, in an epoch that shuts its producer out.

    `version` is the finalised transaction version; `new_producer_id` is needed when `needs_next_producer_id`.
    """
    if version < EPOCH_BUMP_SINCE:
        epoch = min(transaction.producer_epoch + 1, MAX_EPOCH)
        transaction = evolve(transaction, producer_epoch=epoch, last_producer_epoch=NO_EPOCH)
        version = 0
    return _prepared(transaction, False, version, now_ms, new_producer_id, transaction.start_ms)


def complete(transaction: Transaction, now_ms: int) -> Transaction:
    """A prepared transaction whose partitions all have their marker."""
    state = TransactionState.COMPLETE_COMMIT if transaction.commits else TransactionState.COMPLETE_ABORT
    other = transaction.client_version >= EPOCH_BUMP_SINCE and transaction.next_producer_id != NO_PRODUCER_ID
    return transaction.to(
        state,
        now_ms,
        producer_id=transaction.next_producer_id if other else transaction.producer_id,
        producer_epoch=0 if other else transaction.producer_epoch,
        next_producer_id=NO_PRODUCER_ID,
        partitions=frozenset(),
    )


def _prepared(  # noqa: PLR0917  one step of a transition
    transaction: Transaction, commit: bool, version: int, now_ms: int, next_producer_id: int, start_ms: int
) -> Transaction:
    epoch, last_epoch = transaction.producer_epoch, transaction.last_producer_epoch
    if version >= EPOCH_BUMP_SINCE:
        epoch, last_epoch = min(epoch + 1, MAX_EPOCH), epoch
    return transaction.to(
        TransactionState.PREPARE_COMMIT if commit else TransactionState.PREPARE_ABORT,
        now_ms,
        producer_epoch=epoch,
        last_producer_epoch=last_epoch,
        next_producer_id=next_producer_id,
        start_ms=start_ms,
        client_version=version,
    )


def _check_producer(transaction: Transaction, producer_id: int, producer_epoch: int) -> None:
    if transaction.producer_id != producer_id:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    if transaction.producer_epoch != producer_epoch:
        raise KafkaError(ErrorCode.PRODUCER_FENCED)


def _check_producer_raising(transaction: Transaction, producer_id: int, producer_epoch: int) -> bool:
    """Check the producer where each end raises the epoch; returns whether it repeats the last end."""
    current = transaction.producer_epoch
    got_other_id = (
        transaction.previous_producer_id == producer_id and producer_epoch == MAX_EPOCH - 1 and current == 0
    )
    was_raised = current == producer_epoch + 1
    if transaction.producer_id != producer_id and not got_other_id:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    if transaction.state in PREPARED:
        valid = was_raised
    elif transaction.state in COMPLETE:
        valid = was_raised or got_other_id or producer_epoch == current
    else:
        valid = producer_epoch == current
    if not valid:
        raise KafkaError(ErrorCode.PRODUCER_FENCED)
    return was_raised or got_other_id
