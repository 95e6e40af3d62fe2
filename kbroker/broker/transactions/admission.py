"""What a Produce request with transactional batches has to prove before anything of it is appended (KIP-890).

Each partition that a batch goes to must be in its producer's transaction, or the transaction could be ended without
it and the batch be left hanging for ever. Up to Produce v11 the producer has added it before (AddPartitionsToTxn),
and it is asked whether that is so; from v12 on it is added here. A partition in which the transaction is open already
has nothing to prove, so that this costs one look-up a batch after the first.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from attrs import frozen

from kbroker.broker.partition import Partition
from kbroker.broker.transactions.coordinator import TransactionCoordinator
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader
from kbroker.state.offsets import TopicPartition
from kbroker.state.topics import Topic
from kbroker.state.transactions.transaction import EPOCH_BUMP_SINCE
from kbroker.storage.interfaces.logs import PartitionStore

FindPartition = Callable[[Topic, int], Awaitable[Partition]]

ADDS_PARTITIONS_SINCE: Final = 12
ABORTABLE_ERROR_SINCE: Final = 11

# Clients of old versions would not try these again as they should; this one they do (KIP-890).
_TO_BE_TRIED_AGAIN: Final = frozenset(
    {ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.NOT_COORDINATOR}
)


@frozen
class TransactionalBatch:
    """A batch of a request, and the partition that it is for; no topic when there is none of that name or id."""

    topic: Topic | None
    index: int
    header: BatchHeader

    @property
    def has_a_place(self) -> bool:
        """Whether there is such a partition, and such a producer."""
        return (
            self.topic is not None and 0 <= self.index < self.topic.partitions and self.header.has_producer_id
        )


class NotInTransactionError(KafkaError):
    """A partition's batch is refused because of its transaction; the message is for the client to see."""


async def admit(
    batches: Iterable[TransactionalBatch],
    transactional_id: str,
    produce_version: int,
    transactions: TransactionCoordinator,
    find_partition: FindPartition,
) -> Mapping[TopicPartition, KafkaError]:
    """The partitions that must not be written to, and why. Nothing suspends between the last look and the return.

    Raises KafkaError INVALID_PRODUCER_ID_MAPPING for batches of several producers.
    """
    found = [(each.topic, each.index, each.header) for each in batches if each.has_a_place]
    producers = {(header.producer_id, header.producer_epoch) for _, _, header in found}
    if len(producers) > 1:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING, "The batches have several producers")
    adds = produce_version >= ADDS_PARTITIONS_SINCE
    stores = [await _store(topic, index, find_partition) for topic, index, _ in found]
    # Opening a log suspends, and a transaction may end meanwhile: all are looked at once all are open.
    to_prove: list[TopicPartition] = []
    for (topic, index, header), store in zip(found, stores, strict=True):
        if topic is not None and store is not None and _must_be_proven(store, header, adds=adds):
            to_prove.append((topic.name, index))
    if not to_prove:
        return {}
    producer_id, epoch = producers.pop()
    try:
        if adds:
            await transactions.add_partitions(
                transactional_id, producer_id, epoch, to_prove, client_version=EPOCH_BUMP_SINCE
            )
            return {}
        missing = transactions.missing_partitions(transactional_id, producer_id, epoch, to_prove)
    except KafkaError as error:
        return dict.fromkeys(to_prove, _as_producers_know_it(error, adds=adds))
    if produce_version >= ABORTABLE_ERROR_SINCE:
        return dict.fromkeys(missing, KafkaError(ErrorCode.TRANSACTION_ABORTABLE))
    message = "Partition was not added to the transaction"
    return dict.fromkeys(missing, NotInTransactionError(ErrorCode.INVALID_TXN_STATE, message))


async def _store(topic: Topic | None, index: int, find_partition: FindPartition) -> PartitionStore | None:
    """The log that a batch goes to; None where the batch will be refused for that."""
    if topic is None:
        return None
    try:
        return (await find_partition(topic, index)).store
    except KafkaError:
        return None


def _must_be_proven(store: PartitionStore, header: BatchHeader, *, adds: bool) -> bool:
    producer_id, epoch = header.producer_id, header.producer_epoch
    if store.has_open_transaction(producer_id, epoch):
        return False
    store.begin_verification(producer_id, epoch, header.base_sequence, from_zero=adds)
    return True


def _as_producers_know_it(error: KafkaError, *, adds: bool) -> KafkaError:
    if error.code is ErrorCode.PRODUCER_FENCED:
        return KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
    if error.code in _TO_BE_TRIED_AGAIN and not (adds and error.code is ErrorCode.CONCURRENT_TRANSACTIONS):
        message = f"Unable to verify that the partition is in the transaction: {error.code.name}"
        return NotInTransactionError(ErrorCode.NOT_ENOUGH_REPLICAS, message)
    return error
