"""InitProducerId of a transactional id: a producer begins, goes on, or pushes another out (KIP-98, KIP-360)."""

from attrs import frozen

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.transactions.transaction import (
    IDLE,
    NO_EPOCH,
    NO_TIMESTAMP,
    Transaction,
    TransactionState,
    is_exhausted,
)


@frozen
class ProducerIdAndEpoch:
    """What a producer says that it had, when it goes on after an error."""

    producer_id: int
    epoch: int


def check_may_initialise(transaction: Transaction, expected: ProducerIdAndEpoch | None) -> None:
    """Raise KafkaError unless this producer may begin, or abort what is open and then begin.

    PRODUCER_FENCED: another one has begun since. CONCURRENT_TRANSACTIONS: the last transaction is still being ended.
    """
    if expected is not None and not _is_known(transaction, expected):
        raise KafkaError(ErrorCode.PRODUCER_FENCED)
    if transaction.state is not TransactionState.ONGOING and transaction.state not in IDLE:
        raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)


def _is_known(transaction: Transaction, expected: ProducerIdAndEpoch) -> bool:
    if transaction.producer_epoch == NO_EPOCH or expected.producer_id == transaction.producer_id:
        return True
    # It may ask again for the id that replaced one with an exhausted epoch, never having heard the answer.
    return expected.producer_id == transaction.previous_producer_id and is_exhausted(expected.epoch)


def needs_other_producer_id(transaction: Transaction, expected: ProducerIdAndEpoch | None) -> bool:
    """Whether `initialise` needs a fresh producer id, as the epoch cannot be raised any more."""
    return transaction.epoch_exhausted and (expected is None or expected.epoch == transaction.producer_epoch)


def initialise(
    transaction: Transaction,
    expected: ProducerIdAndEpoch | None,
    timeout_ms: int,
    now_ms: int,
    new_producer_id: int | None = None,
) -> Transaction:
    """An idle transactional id with its epoch raised, or with a new producer id where one is given.

    Raises KafkaError PRODUCER_FENCED.
    """
    if new_producer_id is not None:
        return transaction.to(
            TransactionState.EMPTY,
            now_ms,
            producer_id=new_producer_id,
            producer_epoch=0,
            last_producer_epoch=NO_EPOCH if expected is None else transaction.producer_epoch,
            timeout_ms=timeout_ms,
            partitions=frozenset(),
            start_ms=NO_TIMESTAMP,
        )
    epoch, last_epoch = _raised(transaction, expected)
    return transaction.to(
        TransactionState.EMPTY,
        now_ms,
        producer_epoch=epoch,
        last_producer_epoch=last_epoch,
        timeout_ms=timeout_ms,
        partitions=frozenset(),
        start_ms=NO_TIMESTAMP,
    )


def _raised(transaction: Transaction, expected: ProducerIdAndEpoch | None) -> tuple[int, int]:
    """The new epoch and the one before it. The same as they are for a producer that asks again."""
    epoch = transaction.producer_epoch
    if expected is None:
        return _next_epoch(transaction), NO_EPOCH
    if epoch in {NO_EPOCH, expected.epoch}:
        return _next_epoch(transaction), epoch
    if expected.epoch == transaction.last_producer_epoch:
        return epoch, transaction.last_producer_epoch
    raise KafkaError(ErrorCode.PRODUCER_FENCED)


def _next_epoch(transaction: Transaction) -> int:
    if transaction.epoch_exhausted:  # the caller has to bring a new producer id
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    return transaction.producer_epoch + 1
