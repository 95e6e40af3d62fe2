"""Which partitions a transaction writes to: adding them, and asking whether they were added (KIP-890)."""

from collections.abc import Collection

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.offsets import TopicPartition
from kbroker.state.transactions.transaction import IDLE, PREPARED, Transaction, TransactionState


def check_producer(transaction: Transaction, producer_id: int, producer_epoch: int) -> None:
    """Raise KafkaError unless the producer is the present one, and its last transaction has ended.

    INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED or CONCURRENT_TRANSACTIONS.
    """
    if transaction.producer_id != producer_id:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    if transaction.producer_epoch != producer_epoch:
        raise KafkaError(ErrorCode.PRODUCER_FENCED)
    if transaction.state in PREPARED:
        raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)


def add_partitions(
    transaction: Transaction, partitions: Collection[TopicPartition], client_version: int, now_ms: int
) -> Transaction:
    """The transaction with these partitions in it, begun if none is open; itself when it has them all."""
    ongoing = transaction.state is TransactionState.ONGOING
    if ongoing and transaction.partitions.issuperset(partitions):
        return transaction
    return transaction.to(
        TransactionState.ONGOING,
        now_ms,
        partitions=transaction.partitions.union(partitions),
        start_ms=now_ms if transaction.state in IDLE else transaction.start_ms,
        client_version=client_version,
    )


def missing(transaction: Transaction, partitions: Collection[TopicPartition]) -> list[TopicPartition]:
    """Those of `partitions` that are not in the transaction."""
    return [each for each in partitions if each not in transaction.partitions]
